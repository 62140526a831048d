//! Who is connected, told to the application when it changes, at most four times a second.
//!
//! The library's hooks only say that something changed; the list itself is read from the library's
//! sessions each time, so that it cannot drift from the truth when a session is taken over or a
//! hook comes late.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mqttscope_model::BrokerClient;
use rmqtt::context::ServerContext;
use rmqtt::hook::{Handler, HookResult, Parameter, ReturnType, Type};
use rmqtt::session::Session;
use rmqtt::types::Id;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The shortest time between two lists.
const PACE: Duration = Duration::from_millis(250);

/// Where clients that came over WebSocket really come from: to the library they are connections of
/// ours. Keyed by our end's address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(Arc<Mutex<HashMap<SocketAddr, SocketAddr>>>);

impl Origins {
    /// Notes that `inner` carries what comes from `outer`, as long as the guard lives.
    pub(crate) fn note(&self, inner: SocketAddr, outer: SocketAddr) -> OriginGuard {
        self.change(|origins| origins.insert(inner, outer));
        OriginGuard { origins: self.clone(), inner }
    }

    fn of(&self, address: SocketAddr) -> SocketAddr {
        self.change(|origins| origins.get(&address).copied()).unwrap_or(address)
    }

    fn change<T>(&self, f: impl FnOnce(&mut HashMap<SocketAddr, SocketAddr>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Forgets an origin when dropped.
#[derive(Debug)]
pub(crate) struct OriginGuard {
    origins: Origins,
    inner: SocketAddr,
}

impl Drop for OriginGuard {
    fn drop(&mut self) {
        self.origins.change(|origins| origins.remove(&self.inner));
    }
}

/// The clients of a broker.
pub(crate) struct Clients {
    broker: ServerContext,
    origins: Origins,
    changed: Arc<Notify>,
    last: Vec<BrokerClient>,
    /// When the next list may be told.
    not_before: Instant,
}

impl Clients {
    /// Begins to watch the broker's clients.
    pub(crate) async fn watch(broker: ServerContext, origins: Origins) -> Self {
        let changed = Arc::new(Notify::new());
        let hooks = broker.extends.hook_mgr().register();
        for kind in [Type::ClientConnected, Type::ClientDisconnected] {
            hooks.add(kind, Box::new(Announce(Arc::clone(&changed)))).await;
        }
        hooks.start().await;
        Self { broker, origins, changed, last: Vec::new(), not_before: Instant::now() }
    }

    /// The list, once it is another than the last one.
    pub(crate) async fn next(&mut self) -> Vec<BrokerClient> {
        loop {
            self.changed.notified().await;
            sleep_until(self.not_before).await;
            let now = self.list().await;
            if now != self.last {
                self.last.clone_from(&now);
                self.not_before = Instant::now() + PACE;
                return now;
            }
        }
    }

    async fn list(&self) -> Vec<BrokerClient> {
        // First the ids, then the sessions: a session is looked up in the map that is iterated,
        // and a lock taken twice waits for ever when somebody wants to write in between.
        let ids: Vec<Id> = {
            let shared = self.broker.extends.shared().await;
            shared.iter().map(|entry| entry.id()).collect()
        };
        let mut sessions = Vec::with_capacity(ids.len());
        for id in ids {
            let session = self.broker.extends.shared().await.entry(id).session();
            if let Some(session) = session
                && session.connected().await.unwrap_or(false)
            {
                sessions.push(session);
            }
        }
        sessions.sort_by_key(|session| session.id.create_time);
        let mut clients = Vec::with_capacity(sessions.len());
        for session in sessions {
            clients.push(self.describe(&session).await);
        }
        clients
    }

    async fn describe(&self, session: &Session) -> BrokerClient {
        let level = session.connect_info().await.map_or(0, |info| info.proto_ver());
        let address = session.id.remote_addr.map(|address| self.origins.of(address));
        BrokerClient {
            client_id: session.id.client_id.to_string(),
            version: version(level).to_owned(),
            address: address.map(|address| address.to_string()).unwrap_or_default(),
        }
    }
}

/// The version that CONNECT's protocol level stands for.
fn version(level: u8) -> &'static str {
    match level {
        3 => "3.1",
        4 => "3.1.1",
        5 => "5.0",
        _ => "",
    }
}

/// The hook: remembers that something changed.
struct Announce(Arc<Notify>);

#[async_trait]
impl Handler for Announce {
    async fn hook(&self, _: &Parameter, result: Option<HookResult>) -> ReturnType {
        self.0.notify_one();
        (true, result)
    }
}
