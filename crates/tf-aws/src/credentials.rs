//! The credentials of signed requests, kept until shortly before they end.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use tokio::sync::Mutex;

/// So long before their end they are taken anew.
const BEFORE_END: Duration = Duration::from_secs(60);

/// Credentials, and where new ones come from. What it shows of itself holds none.
#[derive(Debug)]
pub(crate) struct Credentials {
    provider: Option<SharedCredentialsProvider>,
    kept: Mutex<Option<aws_credential_types::Credentials>>,
}

impl Credentials {
    pub(crate) fn of(provider: Option<SharedCredentialsProvider>) -> Credentials {
        Credentials {
            provider,
            kept: Mutex::new(None),
        }
    }

    /// Those that are valid now. Who asks meanwhile waits for the same ones.
    pub(crate) async fn get(&self) -> Result<aws_credential_types::Credentials, CredentialsError> {
        let mut kept = self.kept.lock().await;
        if let Some(credentials) = &*kept
            && credentials
                .expiry()
                .is_none_or(|end| end > SystemTime::now() + BEFORE_END)
        {
            return Ok(credentials.clone());
        }
        let provider = self
            .provider
            .as_ref()
            .ok_or_else(|| CredentialsError::not_loaded("there is no provider of credentials"))?;
        let credentials = provider.provide_credentials().await?;
        *kept = Some(credentials.clone());
        Ok(credentials)
    }

    /// Forgets credentials that a service does not take any more.
    pub(crate) async fn forget(&self, access_key_id: &str) {
        let mut kept = self.kept.lock().await;
        if kept
            .as_ref()
            .is_some_and(|credentials| credentials.access_key_id() == access_key_id)
        {
            *kept = None;
        }
    }
}
