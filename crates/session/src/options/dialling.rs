//! What the dialler needs, read anew for each dial.

use mqttscope_model::Proxy;
use mqttscope_transport::{
    DialError, DialOptions, ProxyOptions, StageLimits, TlsOptions, WebSocketOptions,
};

use super::Options;

impl Options {
    /// Reads what the profile names (files, secrets, the system's proxy) into what a dial needs. Each stage may take as
    /// long as the whole attempt.
    ///
    /// # Errors
    /// A file, secret or setting that cannot be used; of the stage [`Settings`](mqttscope_model::ConnectStage::Settings).
    pub async fn dial_options(&self) -> Result<DialOptions, DialError> {
        let Self { endpoint, secrets, tls, proxy, websocket, .. } = self;
        let tls = match tls {
            None => None,
            Some(settings) => Some(TlsOptions::read(settings, &endpoint.host, secrets).await?),
        };
        let proxy = ProxyOptions::read(proxy, endpoint, secrets)?;
        let subprotocol = self.version.websocket_subprotocol();
        let websocket = if endpoint.scheme.is_websocket() {
            WebSocketOptions::read(websocket, subprotocol, endpoint, secrets)?
        } else {
            WebSocketOptions::plain(subprotocol)
        };
        Ok(DialOptions {
            endpoint: endpoint.clone(),
            tls,
            proxy,
            address_family: self.address_family,
            websocket,
            limits: StageLimits::each(self.connect_timeout),
        })
    }

    /// Whether there is anything to read that may fail.
    pub(crate) fn names_settings(&self) -> bool {
        self.tls.is_some() || self.proxy != Proxy::None
    }

    /// Seconds that the library gives the whole attempt. The dial's stages and the wait for CONNACK have their own limits and say
    /// more when they pass; this one is for several slow stages together.
    pub(crate) fn library_seconds(&self) -> u64 {
        let seconds = self.connect_timeout.as_secs();
        seconds + (seconds / 2).max(1)
    }
}
