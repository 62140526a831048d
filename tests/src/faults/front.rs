//! A TLS front before a broker, which looks at each ClientHello and refuses some with an alert, as the gateways of
//! cloud brokers do.

use std::net::Ipv4Addr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{Acceptor, ClientHello};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use super::certificates::Files;
use super::lab::Socket;

/// The alert `unrecognized_name` (RFC 6066, section 3).
pub const UNRECOGNISED_NAME: u8 = 112;
/// The alert `no_application_protocol` (RFC 7301, section 3.2).
pub const NO_APPLICATION_PROTOCOL: u8 = 120;

/// The alert with which a ClientHello is refused, where it is.
pub type Refuse = fn(&ClientHello<'_>) -> Option<u8>;

/// A running front; ends when dropped.
pub struct Front(Socket);

impl Front {
    /// Shows `files`, takes the ALPN protocols `alpn`, and passes what is not refused on to a port of 127.0.0.1.
    pub async fn start(files: &Files, alpn: &[&str], to: u16, refuse: Refuse) -> Self {
        let chain = CertificateDer::pem_file_iter(&files.certificate).expect("a PEM file");
        let chain: Vec<_> = chain.collect::<Result<_, _>>().expect("certificates");
        let key = PrivateKeyDer::from_pem_file(&files.key).expect("a private key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("certificate and key belong together");
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let config = Arc::new(config);
        Self(Socket::start(move |stream| serve(stream, Arc::clone(&config), to, refuse)).await)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.0.port()
    }
}

async fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    to: u16,
    refuse: Refuse,
) -> std::io::Result<()> {
    let mut hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
    let start = (&mut hello).await?;
    if let Some(alert) = refuse(&start.client_hello()) {
        // A fatal alert in a record of its own. rustls itself would send another one here.
        let mut stream = start.io;
        stream.write_all(&[0x15, 3, 3, 0, 2, 2, alert]).await?;
        stream.shutdown().await?;
        // The client reads first: closing with unread bytes would be a reset, which takes the alert with it.
        while stream.read(&mut [0; 4096]).await? > 0 {}
        return Ok(());
    }
    let mut inside = start.into_stream(config).await?;
    let mut broker = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).await?;
    copy_bidirectional(&mut inside, &mut broker).await.map(|_| ())
}
