//! The importers: each format from a fixture, and bad input to all of them.

#[cfg(test)]
mod bad;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod mqttx;
#[cfg(test)]
mod mqttx_files;
#[cfg(test)]
mod mutate;
#[cfg(test)]
mod others;
#[cfg(test)]
mod support;
