//! The command line, as it was typed.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::{Long, Short, Value};
use mqttscope_model::ProtocolVersion;
use mqttscope_model::address::AddressError;

/// How it is used, in one line; shown with everything that is wrong.
pub(crate) const USAGE: &str = "\
Usage: mqttscope-cli diagnose <url | profile name> [options]
       mqttscope-cli --help";

/// The help text.
pub(crate) const HELP: &str = "\
mqttscope-cli: why can't I connect?

Usage: mqttscope-cli diagnose <url | profile name> [options]

Connects to a broker stage by stage, says what came of each, and where it fails: why, and what to do.
The target is an address such as wss://broker.example.com:8084/mqtt, or the name of a profile of MQTTScope.
A password can stand in the address, but other users of this computer may see it there: use --password-env.

Options:
  --json                  print one JSON document and nothing else
  --full                  go on after the connection is there: make the profile's subscriptions, stay for two
                          keep-alive cycles; after a failure try what else the port speaks, or which of the usual
                          ports are open, without credentials
  --ca FILE               trust the certificate authorities of this PEM file
  --cert FILE --key FILE  show this client certificate (PEM)
  --key-password-env VAR  the private key's passphrase is in this environment variable
  --user NAME             user name
  --password-env VAR      the password is in this environment variable
  --mqtt VERSION          5, 3.1.1 or 3.1
  --server-name NAME      send this name (SNI) and look for it in the certificate
  --alpn NAME             offer this ALPN protocol; can be repeated
  --insecure              do not verify the broker's certificate
  --other-client-id       connect as another client, so that a connection of the same profile is not thrown out
  --config FOLDER         the folder of MQTTScope's configuration, where it is not the usual one
  -h, --help              this text
  -V, --version           the version

Exit status: 0 the broker can be used, 1 it cannot, 2 wrong usage, 130 interrupted.";

/// What is wanted.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Version,
    Diagnose(Box<Diagnose>),
}

/// A diagnosis that is wanted.
#[derive(Debug, Default)]
pub(crate) struct Diagnose {
    /// An address or the name of a profile.
    pub(crate) target: String,
    pub(crate) json: bool,
    pub(crate) full: bool,
    pub(crate) ca: Option<String>,
    pub(crate) cert: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) key_password_env: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) password_env: Option<String>,
    pub(crate) version: Option<ProtocolVersion>,
    pub(crate) server_name: Option<String>,
    pub(crate) alpn: Vec<String>,
    pub(crate) insecure: bool,
    pub(crate) other_client_id: bool,
    pub(crate) config: Option<PathBuf>,
}

/// Why nothing could be done. None of the texts holds a secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Wrong {
    #[error("no command is given")]
    NoCommand,
    #[error("{0:?} is no command; there is diagnose")]
    UnknownCommand(String),
    #[error("diagnose wants an address or the name of a profile")]
    NoTarget,
    #[error(
        "diagnose takes one address or name, and {0:?} is a second one; a name with spaces needs quotes"
    )]
    SecondTarget(String),
    #[error("{0}")]
    Option(String),
    #[error("--mqtt takes 5, 3.1.1 or 3.1, not {0:?}")]
    Version(String),
    #[error("--cert and --key belong together, and {0} is missing")]
    HalfCertificate(&'static str),
    #[error("--key-password-env is for a key of --key, which is missing")]
    PassphraseWithoutKey,
    #[error("the environment variable {0} of {1} is not set")]
    VariableMissing(String, &'static str),
    #[error("the environment variable {0} of {1} is empty or not UTF-8")]
    VariableUnusable(String, &'static str),
    #[error("this is no address: {0}")]
    Address(AddressError),
    #[error("there is no profile named {name:?}{hint}")]
    UnknownProfile { name: String, hint: String },
    #[error("several profiles are named {name:?}; give the identifier of one: {ids}")]
    SeveralProfiles { name: String, ids: String },
    #[error("the profiles cannot be read: {0}")]
    Profiles(String),
    #[error("this user has no home folder; name the configuration with --config")]
    NoHome,
    #[error("the program cannot start: {0}")]
    Runtime(String),
}

impl From<lexopt::Error> for Wrong {
    fn from(error: lexopt::Error) -> Self {
        Self::Option(error.to_string())
    }
}

/// Reads the arguments, without the program's name.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Wrong> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let command = match parser.next()? {
        None => return Err(Wrong::NoCommand),
        Some(Short('h') | Long("help")) => return Ok(Command::Help),
        Some(Short('V') | Long("version")) => return Ok(Command::Version),
        Some(Value(word)) => text(word)?,
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.as_str() {
        "diagnose" => diagnose(&mut parser),
        "help" => Ok(Command::Help),
        _ => Err(Wrong::UnknownCommand(command)),
    }
}

fn diagnose(parser: &mut lexopt::Parser) -> Result<Command, Wrong> {
    let mut wanted = Diagnose::default();
    let mut target = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("json") => wanted.json = true,
            Long("full") => wanted.full = true,
            Long("insecure") => wanted.insecure = true,
            Long("other-client-id") => wanted.other_client_id = true,
            Long("ca") => wanted.ca = Some(text(parser.value()?)?),
            Long("cert") => wanted.cert = Some(text(parser.value()?)?),
            Long("key") => wanted.key = Some(text(parser.value()?)?),
            Long("key-password-env") => wanted.key_password_env = Some(text(parser.value()?)?),
            Long("user") => wanted.user = Some(text(parser.value()?)?),
            Long("password-env") => wanted.password_env = Some(text(parser.value()?)?),
            Long("mqtt") => wanted.version = Some(version(text(parser.value()?)?)?),
            Long("server-name") => wanted.server_name = Some(text(parser.value()?)?),
            Long("alpn") => wanted.alpn.push(text(parser.value()?)?),
            Long("config") => wanted.config = Some(parser.value()?.into()),
            Value(word) if target.is_none() => target = Some(text(word)?),
            Value(word) => return Err(Wrong::SecondTarget(word.to_string_lossy().into_owned())),
            other => return Err(other.unexpected().into()),
        }
    }
    wanted.target = target.filter(|target| !target.trim().is_empty()).ok_or(Wrong::NoTarget)?;
    match (&wanted.cert, &wanted.key) {
        (Some(_), None) => return Err(Wrong::HalfCertificate("--key")),
        (None, Some(_)) => return Err(Wrong::HalfCertificate("--cert")),
        (None, None) if wanted.key_password_env.is_some() => {
            return Err(Wrong::PassphraseWithoutKey);
        }
        _ => {}
    }
    Ok(Command::Diagnose(Box::new(wanted)))
}

fn version(text: String) -> Result<ProtocolVersion, Wrong> {
    match text.as_str() {
        "5" | "5.0" => Ok(ProtocolVersion::V5),
        "3.1.1" => Ok(ProtocolVersion::V311),
        "3.1" => Ok(ProtocolVersion::V31),
        _ => Err(Wrong::Version(text)),
    }
}

fn text(word: OsString) -> Result<String, Wrong> {
    word.into_string().map_err(|word| Wrong::Option(format!("{word:?} is not UTF-8")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, Wrong> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn wrong(line: &str) -> String {
        parsed(line).unwrap_err().to_string()
    }

    #[test]
    fn options_stand_before_and_behind_the_target() {
        let line = "diagnose --json mqtts://h --cert c --key k --alpn a --alpn=b --mqtt 3.1.1";
        let Command::Diagnose(wanted) = parsed(line).unwrap() else { panic!("no diagnosis") };
        assert!(wanted.json && !wanted.full && !wanted.insecure);
        assert_eq!(wanted.target, "mqtts://h");
        assert_eq!(wanted.alpn, ["a", "b"]);
        assert_eq!(wanted.version, Some(ProtocolVersion::V311));
        assert!(matches!(parsed("diagnose mqtt://h --help"), Ok(Command::Help)));
        assert!(matches!(parsed("-V"), Ok(Command::Version)));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(wrong(""), "no command is given");
        assert_eq!(wrong("connect x"), "\"connect\" is no command; there is diagnose");
        assert_eq!(wrong("diagnose"), "diagnose wants an address or the name of a profile");
        assert!(wrong("diagnose a b").contains("\"b\" is a second one"));
        assert!(wrong("diagnose a --cert c").contains("--key is missing"));
        assert!(wrong("diagnose a --key k").contains("--cert is missing"));
        assert!(wrong("diagnose a --mqtt 4").contains("not \"4\""));
        assert!(wrong("diagnose a --ca").contains("--ca"));
        assert!(wrong("diagnose a --colour").contains("--colour"));
        assert!(wrong("diagnose a --json=yes").contains("--json"));
        assert!(wrong("diagnose a --key-password-env V").contains("--key"));
    }
}
