//! What the benches stand on: a broker that floods, children that are measured from outside, and the report.
//!
//! A bench is a program of its own that starts itself again as the child to be measured, because only the operating
//! system knows what a process takes, and a child can be killed. What it stored is read back with SQLite alone, so that a
//! fault of ours cannot hide itself. Each figure comes with what the issue asks of it; a figure that does not hold is
//! a result and no failure, so the exit status says only whether the bench ran.

mod arguments;
mod broker;
mod child;
pub mod crash;
mod headless;
mod messages;
mod node;
mod numbers;
mod publisher;
mod report;
mod stored;
mod usage;

pub use arguments::{Arguments, name};
pub use broker::{Broker, Flood, Sent, Writer};
pub use child::{Child, run_again, say, this_again};
pub use headless::{Headless, runtime};
pub use messages::{TOPICS, fill, plant, plant_topic, stamp, stamped};
pub use node::{node, with_packages};
pub use numbers::{median, percentile};
pub use publisher::{Acknowledged, Publisher};
pub use report::{Figure, Report, folder};
pub use stored::{Kept, each, removed, rows, verdict};
pub use usage::{Memory, children_cpu, memory, own_cpu, thread_cpu, threads};

/// What a step of a bench gives, or why it could not be made.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
