//! The table on the screen and the JSON under `target/bench/`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{Arguments, Outcome};

/// Whose a figure is where nobody else is named.
const OURS: &str = "mqttscope";

/// One number that was measured, and what is asked of it.
#[derive(Clone, Debug)]
pub struct Figure {
    who: String,
    what: String,
    value: f64,
    unit: &'static str,
    limit: Option<f64>,
    holds: Option<bool>,
    more: Map<String, Value>,
}

impl Figure {
    /// One of ours.
    pub fn ours(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self::of(OURS, what, value, unit)
    }

    /// One of another program.
    pub fn of(
        who: impl Into<String>,
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Self {
        let (who, what) = (who.into(), what.into());
        Self { who, what, value, unit, limit: None, holds: None, more: Map::new() }
    }

    /// It holds up to a limit.
    pub fn at_most(self, limit: f64) -> Self {
        let holds = Some(self.value <= limit);
        Self { limit: Some(limit), holds, ..self }
    }

    /// It holds from a limit on.
    pub fn at_least(self, limit: f64) -> Self {
        let holds = Some(self.value >= limit);
        Self { limit: Some(limit), holds, ..self }
    }

    /// It holds where it is just this.
    pub fn exactly(self, limit: f64) -> Self {
        let holds = Some(self.value == limit);
        Self { limit: Some(limit), holds, ..self }
    }

    /// Another member of its JSON.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    fn to_json(&self) -> Value {
        let mut figure = json!({
            "who": self.who, "what": self.what, "value": self.value, "unit": self.unit,
        });
        if let (Some(limit), Some(holds)) = (self.limit, self.holds) {
            figure["limit"] = json!(limit);
            figure["holds"] = json!(holds);
        }
        for (name, value) in &self.more {
            figure[name] = value.clone();
        }
        figure
    }
}

/// What a bench found.
#[derive(Debug)]
pub struct Report {
    name: &'static str,
    quick: bool,
    /// The machine's load before the bench added its own.
    load: Option<f64>,
    figures: Vec<Figure>,
    more: Map<String, Value>,
}

impl Report {
    /// An empty report. Make it first: it notes how busy the machine is without the bench.
    pub fn new(name: &'static str, arguments: &Arguments) -> Self {
        let quick = arguments.quick();
        Self { name, quick, load: load(), figures: Vec::new(), more: Map::new() }
    }

    /// Adds a figure.
    pub fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// Adds a member beside the figures.
    pub fn attach(&mut self, name: &str, value: impl Into<Value>) {
        self.more.insert(name.to_owned(), value.into());
    }

    /// Prints the figures as a table.
    pub fn print(&self) {
        let width = |of: fn(&Figure) -> &str| {
            self.figures.iter().map(|figure| of(figure).chars().count()).max().unwrap_or_default()
        };
        let (who, what) = (width(|figure| &figure.who), width(|figure| &figure.what));
        for figure in &self.figures {
            let holds = match (figure.holds, figure.limit) {
                (Some(true), Some(limit)) => format!("holds ({})", short(limit)),
                (Some(false), Some(limit)) => format!("DOES NOT HOLD ({})", short(limit)),
                _ => String::new(),
            };
            let line = format!(
                "{:who$}  {:what$}  {:>12} {:6} {holds}",
                figure.who,
                figure.what,
                short(figure.value),
                figure.unit
            );
            println!("{}", line.trim_end());
        }
    }

    /// Writes `target/bench/<name>.json`; a bench that was only tried does not replace it, and
    /// writes `<name>.quick.json`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self) -> Outcome<()> {
        let figures: Vec<Value> = self.figures.iter().map(Figure::to_json).collect();
        let mut bench = json!({
            "bench": self.name,
            "machine": {
                "cores": std::thread::available_parallelism()?.get(),
                "load": self.load,
                "load_after": load(),
                "optimised": !cfg!(debug_assertions),
            },
            "figures": figures,
        });
        if self.quick {
            bench["quick"] = json!(true);
        }
        for (name, value) in &self.more {
            bench[name] = value.clone();
        }
        let file = format!("{}{}.json", self.name, if self.quick { ".quick" } else { "" });
        std::fs::create_dir_all(folder())?;
        std::fs::write(folder().join(&file), serde_json::to_vec_pretty(&bench)?)?;
        println!("written to target/bench/{file}");
        Ok(())
    }
}

/// The folder of bench results.
pub fn folder() -> PathBuf {
    match std::env::var_os("MQTTSCOPE_BENCH_FOLDER") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench"),
    }
}

/// Processes that wanted a core over the last minute, where the system tells.
fn load() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}

fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
