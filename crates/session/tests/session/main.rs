//! Sessions against a scripted broker and against mosquitto.

#[cfg(test)]
mod support;

#[cfg(test)]
mod account;
#[cfg(test)]
mod acknowledging;
#[cfg(test)]
mod authenticating;
#[cfg(test)]
mod connect_packet;
#[cfg(test)]
mod connecting;
#[cfg(test)]
mod ending;
#[cfg(test)]
mod library_settings;
#[cfg(test)]
mod overload;
#[cfg(test)]
mod parting;
#[cfg(test)]
mod publishing;
#[cfg(test)]
mod reauthenticating;
#[cfg(test)]
mod reconnecting;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod resuming;
#[cfg(test)]
mod staying;
#[cfg(test)]
mod subscribing;
#[cfg(test)]
mod subscription_options;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod topic_aliases;
#[cfg(test)]
mod will_file;
