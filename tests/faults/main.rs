//! What a diagnosis says of each fault that the catalogue makes, and whether its first fix mends it.

/// A test for each fault of a module of the catalogue, by the names of its functions, and one that none is left out.
macro_rules! tests {
    ($module:ident: $($name:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let fault = acceptance::faults::$module::$name().await;
                acceptance::faults::check(stringify!($name), fault).await;
            }
        )+

        #[test]
        fn every_fault_of_the_catalogue_is_tried() {
            let rows = acceptance::faults::$module::ROWS.iter().map(|row| row.name);
            assert_eq!(rows.collect::<Vec<_>>(), [$(stringify!($name)),+]);
        }
    };
}
use tests;

mod cli;
mod codes;
mod handshake;
mod http;
mod longer;
mod mqtt;
mod proxy;
mod session;
mod settings;
mod tcp;
mod tls;
