//! Servers in the test's own process, on 127.0.0.1 and a free port, that end with the test.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::{
    AddressFamily, ClientCertificate, ConnectStage, Endpoint, ErrorCode, Scheme, Secrets, TlsRoots,
    TlsSettings, UserError,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::{
    DialError, DialOptions, Dialled, ProxyOptions, StageLimits, TlsOptions, WebSocketOptions, dial,
};

/// Long enough never to be the cause of a failure.
pub const LONG: Duration = Duration::from_secs(20);

/// A server that serves connections one after the other, until it is dropped.
pub struct Server {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub async fn serve<F, W>(mut serve_one: F) -> Server
where
    F: FnMut(TcpStream) -> W + Send + 'static,
    W: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve_one(stream).await;
        }
    });
    Server { address, task }
}

/// Says `bytes` at once and then reads until the client goes.
pub async fn serve_bytes(bytes: &'static [u8]) -> Server {
    serve(move |mut stream| async move {
        stream.write_all(bytes).await.unwrap();
        drain(stream).await;
    })
    .await
}

/// Waits for the first bytes, answers with `bytes` and closes once the client does.
pub async fn serve_answer(bytes: Vec<u8>) -> Server {
    serve(move |mut stream| {
        let bytes = bytes.clone();
        async move {
            let mut first = [0; 4096];
            let _count = stream.read(&mut first).await.unwrap();
            stream.write_all(&bytes).await.unwrap();
            drain(stream).await;
        }
    })
    .await
}

/// Reads until the other side ends.
pub async fn drain(mut stream: impl AsyncRead + Unpin) {
    let mut buf = [0; 4096];
    while let Ok(1..) = stream.read(&mut buf).await {}
}

/// A certificate authority and the folder for its files.
pub struct Pki {
    pub authority: CertifiedIssuer<'static, KeyPair>,
    pub folder: TempDir,
}

/// A certificate chain with its key.
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
    pub chain_pem: String,
    pub key_pem: String,
}

pub fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "A broker");
    params
}

pub fn identity(certificate: &rcgen::Certificate, key: &KeyPair) -> Identity {
    Identity {
        chain: vec![certificate.der().clone()],
        key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        chain_pem: certificate.pem(),
        key_pem: key.serialize_pem(),
    }
}

/// A certificate that signs itself.
pub fn self_signed(params: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    identity(&params.self_signed(&key).unwrap(), &key)
}

pub fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/fixtures");
    folder.join(name).to_str().unwrap().to_owned()
}

/// A server's identity out of fixtures.
pub fn fixture_identity(certificate: &str, key: &str) -> Identity {
    let read = |name| std::fs::read_to_string(fixture(name)).unwrap();
    let (chain_pem, key_pem) = (read(certificate), read(key));
    Identity {
        chain: vec![CertificateDer::from_pem_slice(chain_pem.as_bytes()).unwrap()],
        key: PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).unwrap(),
        chain_pem,
        key_pem,
    }
}

impl Pki {
    pub fn new() -> Self {
        Self::called("Test authority")
    }

    pub fn called(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let pki = Self { authority, folder: TempDir::new().unwrap() };
        pki.file("ca.pem", &pki.authority.pem());
        pki
    }

    pub fn issue(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        identity(&params.signed_by(&key, &self.authority).unwrap(), &key)
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Settings that trust this authority.
    pub fn settings(&self) -> TlsSettings {
        let path = self.folder.path().join("ca.pem").to_str().unwrap().to_owned();
        TlsSettings { roots: TlsRoots::ca_file(path), ..TlsSettings::default() }
    }

    /// The same with a client certificate.
    pub fn settings_with(&self, client: &Identity) -> TlsSettings {
        let certificate = self.file("client.pem", &client.chain_pem);
        let key = self.file("client.key", &client.key_pem);
        let client_certificate = Some(ClientCertificate::pem_files(certificate, key));
        TlsSettings { client_certificate, ..self.settings() }
    }
}

/// Whether a TLS server wants a client certificate.
pub enum Wants<'a> {
    Nothing,
    CertificateOf(&'a Pki),
}

pub fn tls_config(
    identity: Identity,
    versions: &[&'static SupportedProtocolVersion],
    wants: Wants<'_>,
) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = provider.key_provider.load_private_key(identity.key).unwrap();
    let certified = CertifiedKey::new(identity.chain, key);
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .unwrap();
    let builder = match wants {
        Wants::Nothing => builder.with_no_client_auth(),
        Wants::CertificateOf(pki) => {
            let mut roots = RootCertStore::empty();
            roots.add(pki.authority.der().clone()).unwrap();
            let roots = Arc::new(roots);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
}

/// A TLS server that sends back what it gets.
pub async fn tls_echo(config: ServerConfig) -> Server {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                let (mut read, mut write) = tokio::io::split(stream);
                let _ended = tokio::io::copy(&mut read, &mut write).await;
            }
        }
    })
    .await
}

/// A TLS server with `identity` and today's versions.
pub async fn tls_server(identity: Identity) -> Server {
    tls_echo(tls_config(identity, rustls::ALL_VERSIONS, Wants::Nothing)).await
}

pub fn endpoint(scheme: Scheme, address: SocketAddr) -> Endpoint {
    Endpoint {
        scheme,
        host: address.ip().to_string(),
        port: address.port(),
        path: "/mqtt".to_owned(),
    }
}

pub fn options(scheme: Scheme, address: SocketAddr) -> DialOptions {
    DialOptions {
        endpoint: endpoint(scheme, address),
        tls: None,
        proxy: ProxyOptions::default(),
        address_family: AddressFamily::Any,
        websocket: WebSocketOptions::plain("mqtt"),
        limits: StageLimits::each(LONG),
    }
}

/// Options for a server whose certificate is for `localhost`.
pub async fn tls_options(
    scheme: Scheme,
    address: SocketAddr,
    settings: &TlsSettings,
) -> DialOptions {
    let settings = if settings.server_name.is_empty() {
        TlsSettings { server_name: "localhost".to_owned(), ..settings.clone() }
    } else {
        settings.clone()
    };
    let tls = TlsOptions::read(&settings, "127.0.0.1", &Secrets::default()).await.unwrap();
    DialOptions { tls: Some(tls), ..options(scheme, address) }
}

pub async fn succeed(options: &DialOptions) -> Dialled {
    dial(options, &mut |_| {}).await.unwrap()
}

/// Dials and wants a failure with this stage and code; its sentences must be whole.
pub async fn fail(options: &DialOptions, stage: ConnectStage, code: ErrorCode) -> UserError {
    let error = dial(options, &mut |_| {}).await.unwrap_err();
    assert_failure(&error, stage, code)
}

pub fn assert_failure(error: &DialError, stage: ConnectStage, code: ErrorCode) -> UserError {
    let user = error.to_user_error();
    assert_eq!((error.stage, user.code), (stage, code), "{error:?}");
    assert!(user.message.ends_with('.'), "{}", user.message);
    assert_ne!(user.hint, "");
    user
}
