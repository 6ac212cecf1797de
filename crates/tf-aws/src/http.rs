//! One HTTP client for all calls: TLS, the certificates of the machine, and the proxies that `HTTPS_PROXY`, `HTTP_PROXY` and
//! `NO_PROXY` name.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

type Limits = (Option<Duration>, Option<Duration>);

/// The client. Clones have the same connections.
#[derive(Clone, Default)]
pub(crate) struct Http {
    /// Connectors by their time limits: who asks the machine's metadata waits shorter than others.
    connectors: Arc<Mutex<Vec<(Limits, SharedHttpConnector)>>>,
}

impl Http {
    /// A connector with these time limits.
    pub(crate) fn connector(&self, settings: &HttpConnectorSettings) -> SharedHttpConnector {
        let limits = (settings.connect_timeout(), settings.read_timeout());
        let mut connectors = self.connectors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connector)) = connectors.iter().find(|(known, _)| *known == limits) {
            return connector.clone();
        }
        let connector = SharedHttpConnector::new(Routed {
            settings: settings.clone(),
            plain: OnceLock::new(),
            direct: OnceLock::new(),
            proxied: OnceLock::new(),
        });
        connectors.push((limits, connector.clone()));
        connector
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl HttpClient for Http {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.connector(settings)
    }
}

/// Goes through the proxy, but for what is on this machine or is its metadata.
struct Routed {
    settings: HttpConnectorSettings,
    /// Without TLS: reading the certificates of the machine takes longer than an emulator's answer.
    plain: OnceLock<Connector>,
    direct: OnceLock<Connector>,
    proxied: OnceLock<Connector>,
}

impl Routed {
    fn builder(&self, proxy: ProxyConfig) -> ConnectorBuilder {
        Connector::builder()
            .connector_settings(self.settings.clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .proxy_config(proxy)
    }

    fn build(&self, proxy: ProxyConfig) -> Connector {
        self.builder(proxy)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build()
    }
}

impl fmt::Debug for Routed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Routed")
    }
}

impl HttpConnector for Routed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = match is_near(request.uri()) {
            true if request.uri().starts_with("http://") => self
                .plain
                .get_or_init(|| self.builder(ProxyConfig::disabled()).build_http()),
            true => self.direct.get_or_init(|| self.build(ProxyConfig::disabled())),
            false => self.proxied.get_or_init(|| self.build(ProxyConfig::from_env())),
        };
        connector.call(request)
    }
}

/// Whether no proxy can stand between: loopback, and the link-local addresses at which machines and containers are given credentials.
fn is_near(url: &str) -> bool {
    let Ok(url) = url.parse::<::http::Uri>() else {
        return false;
    };
    let host = url.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || bare.starts_with("fd00:ec2::"),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn what_is_on_this_machine_needs_no_proxy() {
        for (url, near) in [
            ("http://127.0.0.1:5000/", true),
            ("http://localhost:4566", true),
            ("http://s3.localhost:4566", true),
            ("http://[::1]:5000/x", true),
            ("http://169.254.169.254/latest", true),
            ("http://[fd00:ec2::23]/v1", true),
            ("https://s3.eu-west-1.amazonaws.com/", false),
            ("https://10.0.0.1/", false),
            ("https://localhost.example.com/", false),
        ] {
            assert_eq!(is_near(url), near, "{url}");
        }
    }
}
