//! Messages to an address that is itself the secret: Slack's, Teams' and others' incoming webhooks.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{Method, Uri};

use crate::client::{Ask, Client, Repeat, Scheme, Settings};
use crate::{Clock, Error, Token};

/// A webhook. Nothing shows its address but for the host.
#[derive(Debug)]
pub struct Webhook {
    client: Client,
    address: Token,
}

impl Webhook {
    /// A webhook; nothing is sent yet.
    ///
    /// # Errors
    /// Where the address or the proxy's is none, or would carry the message over the network in the clear.
    pub fn new(
        address: &str,
        proxy: Option<(String, Vec<String>)>,
        patience: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Webhook, Error> {
        let wrong = |problem| Error::Address {
            address: "the webhook".to_owned(),
            problem,
        };
        let uri: Uri = address.trim().parse().map_err(|_| wrong("it is not a URL"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong("it names no host"));
        };
        let secret = uri.path_and_query().map_or("/", |path| path.as_str());
        let client = Client::new(
            Settings {
                api: format!("{scheme}://{authority}"),
                token: Token::new(secret)?,
                scheme: Scheme::Nothing,
                proxy,
                patience,
            },
            clock,
        )?;
        Ok(Webhook {
            client,
            address: Token::new(secret)?,
        })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Where it was not sent, or where nobody knows whether it was.
    pub fn send(&self, message: Value) -> Result<(), Error> {
        let ask = Ask {
            method: Method::POST,
            path: self.address.expose(),
            body: Some(message),
            repeat: Repeat::Doubles,
            what: "a message to the webhook",
        };
        self.client.send(ask).map(drop)
    }
}
