//! What emulators answer otherwise than AWS. The SDK is strict about the outermost element of an XML answer; moto calls it after
//! the operation where S3 has another name. Only with an endpoint URL of the caller's.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

/// Moto's names of outermost elements, and S3's.
const RENAMED: [(&str, &str); 1] = [("GetBucketVersioningResponse", "VersioningConfiguration")];

/// A client whose XML answers have S3's names.
#[derive(Debug)]
pub(crate) struct Renaming(pub(crate) SharedHttpClient);

#[derive(Debug)]
struct Connector(SharedHttpConnector);

impl HttpClient for Renaming {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            let is_xml = response
                .headers()
                .get("content-type")
                .is_some_and(|ty| ty.contains("xml"));
            if !is_xml || !response.status().is_success() {
                return Ok(response);
            }
            let body = std::mem::replace(response.body_mut(), SdkBody::taken());
            let bytes = ByteStream::new(body)
                .collect()
                .await
                .map_err(|error| ConnectorError::io(error.into()))?
                .into_bytes();
            let renamed = renamed(&bytes);
            response
                .headers_mut()
                .insert("content-length", renamed.len().to_string());
            *response.body_mut() = SdkBody::from(renamed);
            Ok(response)
        })
    }
}

fn renamed(body: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(body) else {
        return body.to_vec();
    };
    for (theirs, name) in RENAMED {
        if text.contains(&format!("<{theirs}")) {
            return text.replace(theirs, name).into_bytes();
        }
    }
    body.to_vec()
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn only_known_names_change() {
        let theirs = b"<GetBucketVersioningResponse xmlns=\"x\"><Status>Enabled</Status></GetBucketVersioningResponse>";
        let ours = b"<VersioningConfiguration xmlns=\"x\"><Status>Enabled</Status></VersioningConfiguration>";
        assert_eq!(renamed(theirs), ours);
        assert_eq!(
            renamed(b"<Tagging>GetBucketVersioningResponse</Tagging>"),
            b"<Tagging>GetBucketVersioningResponse</Tagging>"
        );
        assert_eq!(renamed(&[0xff, 0x00]), [0xff, 0x00]);
    }
}
