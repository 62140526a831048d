//! What the broker's process tells the application: one JSON object a line on standard output.
//! Nothing goes the other way; the end of standard input is the one command there is.

use mqttscope_model::{BrokerClient, UserError};
use serde::{Deserialize, Serialize};

use crate::Ports;

/// One line from the broker's process.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// Both ports accept connections.
    Listening(Ports),
    /// Who is connected now, in the order of their connecting.
    Clients(Vec<BrokerClient>),
    /// It cannot go on, and ends.
    Failed(UserError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_is_a_line_of_json_with_both_ports() {
        let report = Report::Listening(Ports { mqtt: 1883, ws: 8083 });
        let line = serde_json::to_string(&report).unwrap();
        assert_eq!(line, r#"{"listening":{"mqtt_port":1883,"ws_port":8083}}"#);
        assert_eq!(serde_json::from_str::<Report>(&line).unwrap(), report);
    }
}
