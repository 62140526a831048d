//! The names of mosquitto's options, and which of them say nothing about a connection or have no counterpart here.

/// Options that stand alone and say nothing about a connection.
pub(super) const SWITCHES: [&str; 21] = [
    "-d",
    "--debug",
    "-E",
    "-l",
    "-N",
    "-n",
    "--null-message",
    "-R",
    "-r",
    "--retain",
    "-s",
    "-v",
    "--verbose",
    "--nodelay",
    "--pretty",
    "--quiet",
    "--remove-retained",
    "--retained-only",
    "--stdin-file",
    "--stdin-line",
    "--help",
];

/// Options with a value that say nothing about a connection.
pub(super) const ASIDE: [&str; 19] = [
    "-C",
    "-e",
    "-F",
    "--file",
    "-f",
    "-m",
    "--message",
    "-M",
    "-o",
    "-T",
    "--filter-out",
    "-U",
    "--unsubscribe",
    "-W",
    "--random-filter",
    "--repeat",
    "--repeat-delay",
    "--max-inflight",
    "--response-topic",
];

/// Options with a value that have no counterpart here.
pub(super) const WITHOUT_COUNTERPART: [&str; 8] = [
    "-A",
    "--unix",
    "--capath",
    "--ciphers",
    "--keyform",
    "--psk-identity",
    "--tls-engine",
    "--tls-keyform",
];

/// Secrets that have no counterpart here.
pub(super) const SECRET_WITHOUT_COUNTERPART: [&str; 2] = ["--psk", "--tls-engine-kpass-sha1"];

/// Whether an option is one that tells an options file from any other list of dashes.
pub(super) fn is_known(name: &str) -> bool {
    let known = [
        "-h",
        "--host",
        "-p",
        "--port",
        "-u",
        "--username",
        "-P",
        "--pw",
        "-i",
        "--id",
        "-L",
        "--url",
        "-V",
        "--protocol-version",
        "--cafile",
        "--capath",
        "--cert",
        "--key",
        "-t",
        "--topic",
        "-k",
        "--keepalive",
        "-c",
        "--disable-clean-session",
        "-q",
        "--qos",
        "--insecure",
        "--tls-version",
        "--will-topic",
    ];
    known.contains(&name)
}
