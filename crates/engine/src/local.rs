//! The main job without anything else: the local broker and the profile that follows it.

use mqttscope_model::{
    BrokerState, Endpoint, ErrorCode, Profile, ProfileId, QoS, Scheme, Subscription, UserError,
};

use crate::Engine;
use crate::events::Subject;

/// The path on which the local broker serves WebSocket.
const PATH: &str = "/mqtt";

impl Engine {
    pub(crate) async fn broker_start(&self) -> Result<(), UserError> {
        self.broker.start(self.broker_ports).await.map(drop)
    }

    pub(crate) async fn broker_stop(&self) -> Result<(), UserError> {
        self.broker.stop().await;
        Ok(())
    }

    pub(crate) async fn broker_state(&self) -> Result<BrokerState, UserError> {
        Ok(self.broker.state().borrow().clone())
    }

    pub(crate) async fn try_local(&self, name: String) -> Result<ProfileId, UserError> {
        let known = self.profiles.list()?.profiles;
        let profile = match known.into_iter().find(|profile| profile.follows_local_broker) {
            Some(profile) => profile,
            None => self.add_local_profile(name).await?,
        };
        self.session_connect(profile.id.clone()).await?;
        Ok(profile.id)
    }

    async fn add_local_profile(&self, name: String) -> Result<Profile, UserError> {
        let mut profile = self.profile_new().await?;
        profile.name = name;
        profile.follows_local_broker = true;
        profile.endpoint.host = "127.0.0.1".to_owned();
        profile.subscriptions = vec![Subscription::new("#", QoS::AtLeastOnce)];
        self.profiles.save(&profile)?;
        self.listeners.mark(&Subject::Profiles);
        Ok(profile)
    }

    /// A profile that follows the local broker gets its address, and the broker is started where
    /// it does not run. Other profiles pass unchanged.
    pub(crate) async fn follow_local_broker(&self, profile: Profile) -> Result<Profile, UserError> {
        let before = profile.endpoint.clone();
        let profile = self.with_local_address(profile).await?;
        if profile.endpoint != before {
            self.profiles.save(&profile)?;
            self.listeners.mark(&Subject::Profiles);
        }
        Ok(profile)
    }

    /// The same without saving anything, for a profile that is being edited.
    pub(crate) async fn with_local_address(
        &self,
        mut profile: Profile,
    ) -> Result<Profile, UserError> {
        if !profile.follows_local_broker {
            return Ok(profile);
        }
        let ports = self.broker.start(self.broker_ports).await?;
        let port = match profile.endpoint.scheme {
            Scheme::Mqtt => ports.mqtt,
            Scheme::Ws => ports.ws,
            Scheme::Mqtts | Scheme::Wss => {
                return Err(UserError::new(
                    ErrorCode::ProfileInvalid,
                    "The local broker serves mqtt and ws; it has no certificate for TLS.",
                )
                .hint("Choose mqtt or ws for this profile."));
            }
        };
        profile.endpoint = Endpoint {
            scheme: profile.endpoint.scheme,
            host: "127.0.0.1".to_owned(),
            port,
            path: PATH.to_owned(),
        };
        Ok(profile)
    }
}
