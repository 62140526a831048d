//! Fixes in English: one sentence each, with named details in braces.
//!
//! The window's English catalogue has the same texts; a test compares them.

use crate::FixCode;

/// What can be done.
pub(crate) fn fix(code: FixCode) -> &'static str {
    use FixCode as C;
    match code {
        C::UseScheme => "Use {scheme} on port {port}.",
        C::UsePort => "Use port {port}, the usual one for {scheme}.",
        C::UsePath => "Use the path {path}.",
        C::UseHost => "Connect to {address} instead.",
        C::UseVersion => "Use MQTT {version}.",
        C::UseServerName => "Set {name} as the server name.",
        C::TrustCertificate => {
            "Trust exactly this certificate, after its SHA-256 {sha256} was compared with the broker's owner."
        }
        C::ChooseCa => "Choose the CA file of the broker's certificate.",
        C::UseSystemRoots => "Trust the operating system's certificate authorities.",
        C::ChooseClientCertificate => {
            "Choose a client certificate that the broker accepts, with its key."
        }
        C::ChooseFile => "Choose the right file, one that you may read.",
        C::GivePassphrase => "Give the passphrase of the key or archive.",
        C::GiveSecret => "Give the secret anew.",
        C::MendField => "Set the field {field} to {value}.",
        C::CheckCredentials => "Check the user name and the password.",
        C::ProxyCredentials => {
            "Give the user name and password of the proxy; they are not those of MQTT."
        }
        C::CheckProxy => "Use the proxy as a {kind} proxy.",
        C::WithoutProxy => "Connect without the proxy.",
        C::UseOtherClientId => "Use the client ID {client_id}.",
        C::UsePlainClientId => "Use the plain client ID {client_id}.",
        C::UseAlpn => "Offer the ALPN protocol {alpn}.",
        C::WithoutAlpn => "Offer no ALPN protocol.",
        C::AllowTlsVersions => "Allow TLS 1.2 and TLS 1.3.",
        C::AcceptWithoutSubprotocol => "Accept an answer without the subprotocol.",
        C::UseAnyFamily => "Use IPv4 and IPv6 addresses.",
        C::UseKeepAlive => "Set the Keep Alive to {seconds} s.",
        C::WithoutWill => "Connect without the Will Message.",
        C::UseWillQos => "Use QoS {qos} for the Will Message.",
        C::WithoutWillRetain => "Do not retain the Will Message.",
        C::WithoutAuthentication => "Connect without enhanced authentication.",
        C::WithoutSubscription => "Leave the subscription to “{topic}” out.",
        C::AllowMoreTime => "Give an attempt {seconds} s.",
        C::CheckName => "Look for a typing error in {host}; a company's own names need its VPN.",
        C::CheckNetwork => "Check this machine's network, VPN and name server.",
        C::CheckBrokerRuns => "Check that the broker runs and listens where it should.",
        C::OpenFirewall => "Have port {port} opened in the firewalls on the way.",
        C::SetClock => "Set this machine's clock.",
        C::RenewCertificate => "Renew the broker's certificate.",
        C::ReissueCertificate => {
            "Issue the broker's certificate anew: X.509 version 3, for its host name as Subject Alternative Name, valid today, not an authority's own, with a key of 2048 bits or more."
        }
        C::SendIntermediate => "Have the broker send its intermediate certificate after its own.",
        C::UpdateBroker => "Bring the broker up to date.",
        C::ConfigureGateway => {
            "Configure the web server before the broker: pass Upgrade and Connection on, lead the path to the broker's WebSocket port, and echo the subprotocol."
        }
        C::GiveHttpCredentials => {
            "Give the header that the web server wants, such as Authorization or a cookie."
        }
        C::LogInToNetwork => "Open the address in a browser and log in to the network.",
        C::AskForPermission => "Ask the operator, who can allow it or knows the right address.",
        C::WaitAndRetry => "Wait and try again.",
        C::ReadBrokerLog => "Look into the broker's log.",
        C::TryOtherSchemes => "Let the other schemes be tried on this port; no credential is sent.",
        C::EndOtherClient => "End the other client, or give each its own client ID.",
    }
}

/// The same where the change cannot be made for the person.
pub(crate) fn by_hand(code: FixCode) -> Option<&'static str> {
    use FixCode as C;
    Some(match code {
        C::UsePort => "Use the broker's own port; this one is not.",
        C::UseHost => "Use the broker's own host name instead of an address or an alias.",
        C::UseServerName => "Set the broker's own host name as the server name.",
        C::MendField => "Mend the field {field}.",
        C::CheckProxy => "Check the proxy's host, port and kind.",
        _ => return None,
    })
}
