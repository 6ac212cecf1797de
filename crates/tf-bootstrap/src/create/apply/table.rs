//! The table of locks.

use serde_json::{Value, json};
use tf_aws::call;
use tf_aws::dynamodb::types as dynamodb;

use super::{Apply, Wait, unbuilt};
use crate::backend::kind::{Kind, Place};
use crate::backend::observe::{self, optional};
use crate::error::Error;

/// The one attribute by which Terraform finds a lock.
pub(crate) const LOCK_ID: &str = "LockID";
/// The key schema that Terraform needs, as the observation spells it.
pub(crate) const LOCK_SCHEMA: &str = "LockID S HASH";

/// What to say of a table that Terraform could not lock by.
pub(crate) fn wrong_table(name: &str, schema: &Value) -> String {
    format!(
        "table {name} exists with another key ({}), and Terraform needs {LOCK_SCHEMA}; a table's key cannot be changed: choose \
         another name (--table)",
        schema.as_str().unwrap_or("unknown")
    )
}

impl Apply<'_> {
    pub(super) async fn table(&self) -> Result<(), Error> {
        let Some(name) = &self.desired.table else {
            return Ok(());
        };
        let what = format!("table {name}");
        let what = what.as_str();
        let client = self.connection.dynamodb();
        self.step(Place::Table, Kind::Exists, |_| self.make_table(name))
            .await?;
        // A table is changed in one respect at a time, and is to be ACTIVE in between.
        self.step(Place::Table, Kind::DeletionProtection, |_| async move {
            let update = client
                .update_table()
                .table_name(name)
                .deletion_protection_enabled(true);
            call("dynamodb:UpdateTable", what, update.send()).await?;
            self.table_active(name).await
        })
        .await?;
        self.step(Place::Table, Kind::Billing, |_| async move {
            let update = client
                .update_table()
                .table_name(name)
                .billing_mode(dynamodb::BillingMode::PayPerRequest);
            call("dynamodb:UpdateTable", what, update.send()).await?;
            self.table_active(name).await
        })
        .await?;
        self.step(Place::Table, Kind::Encryption, |_| async move {
            let update = client
                .update_table()
                .table_name(name)
                .sse_specification(table_encryption());
            call("dynamodb:UpdateTable", what, update.send()).await?;
            self.table_active(name).await
        })
        .await?;
        let recovery = self.step(Place::Table, Kind::Recovery, |_| async move {
            let on = dynamodb::PointInTimeRecoverySpecification::builder()
                .point_in_time_recovery_enabled(true)
                .build()
                .map_err(unbuilt)?;
            let wait = Wait::new();
            loop {
                let update = client
                    .update_continuous_backups()
                    .table_name(name)
                    .point_in_time_recovery_specification(on.clone());
                match call("dynamodb:UpdateContinuousBackups", what, update.send()).await {
                    Ok(_) => return Ok(()),
                    // Backups begin a little after the table.
                    Err(error) if error.is_code("ContinuousBackupsUnavailableException") => {
                        wait.more(&format!("recovery of table {name} cannot be switched on yet"))
                            .await?;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        });
        let tags = self.step(Place::Table, Kind::Tags, |_| async move {
            let tags = self.tags(|key, value| dynamodb::Tag::builder().key(key).value(value).build())?;
            let put = client
                .tag_resource()
                .resource_arn(self.desired.table_arn(name))
                .set_tags(Some(tags));
            call("dynamodb:TagResource", what, put.send()).await?;
            Ok(())
        });
        tokio::try_join!(recovery, tags)?;
        Ok(())
    }

    async fn make_table(&self, name: &str) -> Result<(), Error> {
        let key = dynamodb::KeySchemaElement::builder()
            .attribute_name(LOCK_ID)
            .key_type(dynamodb::KeyType::Hash)
            .build()
            .map_err(unbuilt)?;
        let attribute = dynamodb::AttributeDefinition::builder()
            .attribute_name(LOCK_ID)
            .attribute_type(dynamodb::ScalarAttributeType::S)
            .build()
            .map_err(unbuilt)?;
        let tags = self.tags(|key, value| dynamodb::Tag::builder().key(key).value(value).build())?;
        let create = self
            .connection
            .dynamodb()
            .create_table()
            .table_name(name)
            .key_schema(key)
            .attribute_definitions(attribute)
            .billing_mode(dynamodb::BillingMode::PayPerRequest)
            .sse_specification(table_encryption())
            .deletion_protection_enabled(true)
            .set_tags(Some(tags));
        let made = match call("dynamodb:CreateTable", format!("table {name}"), create.send()).await {
            Ok(_) => true,
            // Another run was faster, or our own first attempt, whose answer was lost.
            Err(error) if error.is_code("ResourceInUseException") => false,
            Err(error) => return Err(error.into()),
        };
        self.table_active(name).await?;
        self.know(Place::Table, Kind::Exists, json!({}));
        if made {
            self.know(Place::Table, Kind::Billing, "PAY_PER_REQUEST".into());
            self.know(Place::Table, Kind::Encryption, "KMS".into());
            self.know(Place::Table, Kind::DeletionProtection, true.into());
            self.know(Place::Table, Kind::Tags, json!(self.desired.tags));
        } else {
            for (kind, value) in observe::table(self.desired, self.connection).await {
                self.know(Place::Table, kind, value?);
            }
            let schema = self.fact(Place::Table, Kind::Exists).unwrap_or_default();
            if schema["schema"] != LOCK_SCHEMA {
                return Err(Error::Incomplete(wrong_table(name, &schema["schema"])));
            }
        }
        Ok(())
    }

    async fn table_active(&self, name: &str) -> Result<(), Error> {
        let wait = Wait::new();
        loop {
            let describe = self.connection.dynamodb().describe_table().table_name(name);
            let read = call("dynamodb:DescribeTable", format!("table {name}"), describe.send()).await;
            let status = optional(read)?
                .and_then(|output| output.table)
                .and_then(|table| table.table_status);
            if status == Some(dynamodb::TableStatus::Active) {
                return Ok(());
            }
            wait.more(&format!("table {name} does not become ACTIVE")).await?;
        }
    }
}

/// With the account's key for DynamoDB: a key of our own would have to be allowed to everybody who locks, and locks hold no
/// secrets.
fn table_encryption() -> dynamodb::SseSpecification {
    dynamodb::SseSpecification::builder()
        .enabled(true)
        .sse_type(dynamodb::SseType::Kms)
        .build()
}
