//! The probe in the page, and what its notes say.

use acceptance::Window;
use acceptance::bench::{Outcome, percentile};
use serde_json::Value;

use super::broker::Sent;

/// What the probe noted.
pub(crate) struct Notes {
    /// When each frame began, in milliseconds.
    frames: Vec<f64>,
    /// The newest message's number in a frame, and when that was drawn, in milliseconds since the Unix epoch.
    seen: Vec<(u64, u64)>,
}

/// Begins to take notes.
pub(crate) async fn begin(window: &Window) {
    window.run(include_str!("probe.js")).await;
}

/// The newest message that was drawn so far.
pub(crate) async fn newest(window: &Window) -> Option<u64> {
    window.run("return window.probe.newest").await.as_u64()
}

/// Ends it and gives the notes.
pub(crate) async fn end(window: &Window) -> Outcome<Notes> {
    let script = "probe.running = false; return [probe.frames, probe.seen]";
    let notes = window.run(script).await;
    let frames = list(&notes[0])?.iter().filter_map(Value::as_f64).collect();
    let pair = |pair: &Value| Some((pair[0].as_u64()?, pair[1].as_u64()?));
    let seen = list(&notes[1])?.iter().filter_map(pair).collect();
    Ok(Notes { frames, seen })
}

fn list(value: &Value) -> Result<&Vec<Value>, &'static str> {
    value.as_array().ok_or("the probe gives lists")
}

impl Notes {
    /// Frames per second.
    pub(crate) fn rate(&self) -> f64 {
        let (Some(first), Some(last)) = (self.frames.first(), self.frames.last()) else {
            return 0.0;
        };
        (self.frames.len() - 1) as f64 * 1000.0 / (last - first)
    }

    /// The gap between two frames that 99 of 100 do not exceed, in milliseconds.
    pub(crate) fn gap(&self) -> f64 {
        percentile(self.frames.windows(2).map(|pair| pair[1] - pair[0]), 0.99)
    }

    /// How long each message took from the broker to the screen, in milliseconds. A message that was never a row
    /// counts from when a later one was.
    pub(crate) fn latencies(&self, sent: &Sent) -> Vec<f64> {
        let mut latencies = Vec::with_capacity(sent.at_us.len());
        let mut left = sent.at_us.iter().zip(sent.first..).peekable();
        for (newest, at_ms) in &self.seen {
            while let Some((sent_us, _)) = left.next_if(|(_, number)| number <= newest) {
                latencies.push(*at_ms as f64 - *sent_us as f64 / 1000.0);
            }
        }
        latencies
    }

    /// How long the last message took to be drawn, in milliseconds; none where it never was.
    pub(crate) fn last(&self, sent: &Sent) -> Option<f64> {
        let last = sent.first + sent.at_us.len() as u64 - 1;
        let (_, at_ms) = self.seen.iter().find(|(newest, _)| *newest >= last)?;
        Some(*at_ms as f64 - *sent.at_us.last()? as f64 / 1000.0)
    }
}
