//! Who may do what: the OIDC provider and the roles.

use serde_json::json;
use tf_aws::call;
use tf_aws::iam::types::Tag as IamTag;

use super::Apply;
use crate::backend::documents::ISSUER;
use crate::backend::item;
use crate::backend::kind::{Kind, Place};
use crate::backend::observe::ROLE_POLICY;
use crate::error::Error;

impl Apply<'_> {
    pub(super) async fn provider(&self) -> Result<(), Error> {
        if self.desired.github.is_none() {
            return Ok(());
        }
        let iam = self.connection.iam();
        let arn = self.desired.provider_arn();
        let arn = arn.as_str();
        self.step(Place::Provider, Kind::Exists, |_| async move {
            // Without thumbprints: AWS checks GitHub's certificate against its own list of authorities.
            let create = iam
                .create_open_id_connect_provider()
                .url(format!("https://{ISSUER}"))
                .client_id_list(self.desired.audience())
                .set_tags(Some(self.iam_tags()?));
            match call(
                "iam:CreateOpenIDConnectProvider",
                format!("provider {ISSUER}"),
                create.send(),
            )
            .await
            {
                Ok(_) => {
                    self.know(
                        Place::Provider,
                        Kind::Audience,
                        vec![self.desired.audience()].into(),
                    );
                    Ok(())
                }
                // Another run was faster, or our own first attempt.
                Err(error) if error.is_code("EntityAlreadyExists") => {
                    let get = iam
                        .get_open_id_connect_provider()
                        .open_id_connect_provider_arn(arn);
                    let found = call(
                        "iam:GetOpenIDConnectProvider",
                        format!("provider {ISSUER}"),
                        get.send(),
                    )
                    .await?;
                    self.know(
                        Place::Provider,
                        Kind::Audience,
                        found.client_id_list().to_vec().into(),
                    );
                    Ok(())
                }
                Err(error) => Err(error.into()),
            }
        })
        .await?;
        self.step(Place::Provider, Kind::Audience, |_| async move {
            let add = iam
                .add_client_id_to_open_id_connect_provider()
                .open_id_connect_provider_arn(arn)
                .client_id(self.desired.audience());
            call(
                "iam:AddClientIDToOpenIDConnectProvider",
                format!("provider {ISSUER}"),
                add.send(),
            )
            .await?;
            Ok(())
        })
        .await
    }

    fn iam_tags(&self) -> Result<Vec<IamTag>, Error> {
        self.tags(|key, value| IamTag::builder().key(key).value(value).build())
    }

    pub(super) async fn role(&self, place: Place) -> Result<(), Error> {
        let Some(name) = self.desired.role_at(place) else {
            return Ok(());
        };
        let Some((trust, policy)) = item::role_documents(self.desired, &self.observed.borrow(), place) else {
            return Ok(());
        };
        let iam = self.connection.iam();
        let what = format!("role {name}");
        let (name, what, trust, policy) = (name.as_str(), what.as_str(), &trust, &policy);
        self.step(place, Kind::Exists, |_| async move {
            let create = iam
                .create_role()
                .role_name(name)
                .description(match place {
                    Place::PlanRole => "Terraform plans by GitHub Actions: reads and locks the states",
                    Place::ApplyRole => "Terraform applies by GitHub Actions: writes the states",
                    _ => "S3 copies the Terraform states to a second region",
                })
                .assume_role_policy_document(trust.to_string())
                .set_tags(Some(self.iam_tags()?));
            match call("iam:CreateRole", what, create.send()).await {
                Ok(_) => {
                    self.know(place, Kind::Trust, trust.clone());
                    self.know(place, Kind::Tags, json!(self.desired.tags));
                    Ok(())
                }
                Err(error) if error.is_code("EntityAlreadyExists") => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
        tokio::try_join!(
            self.step(place, Kind::Trust, |_| async move {
                let update = iam
                    .update_assume_role_policy()
                    .role_name(name)
                    .policy_document(trust.to_string());
                call("iam:UpdateAssumeRolePolicy", what, update.send()).await?;
                Ok(())
            }),
            self.step(place, Kind::Policy, |_| async move {
                let put = iam
                    .put_role_policy()
                    .role_name(name)
                    .policy_name(ROLE_POLICY)
                    .policy_document(policy.to_string());
                call("iam:PutRolePolicy", what, put.send()).await?;
                Ok(())
            }),
            self.step(place, Kind::Tags, |_| async move {
                let tag = iam.tag_role().role_name(name).set_tags(Some(self.iam_tags()?));
                call("iam:TagRole", what, tag.send()).await?;
                Ok(())
            }),
        )?;
        Ok(())
    }
}
