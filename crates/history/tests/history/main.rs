//! The history as its users see it: one file per behaviour, all through the public handle.

#[cfg(test)]
mod anything;
#[cfg(test)]
mod bad_days;
#[cfg(test)]
mod bookmarks;
#[cfg(test)]
mod by_topic;
#[cfg(test)]
mod common;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod export;
#[cfg(test)]
mod find;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod gone;
#[cfg(test)]
mod import;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod record;
#[cfg(test)]
mod reopen;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod retention_bad_days;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod trail;
#[cfg(test)]
mod transfer;
#[cfg(test)]
mod upkeep;
#[cfg(test)]
mod views;
