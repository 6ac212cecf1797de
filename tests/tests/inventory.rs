//! What exists in an emulated account, and what of it is in a state.
//!
//! The emulator does not answer CloudTrail's look-ups: who changed something is tried against a double, in `tf-inventory` itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod account;

use std::collections::{BTreeMap, BTreeSet};

use account::Account;
use serde_json::{Value as Json, json};
use tf_aws::{Blocking, Connection};
use tf_inventory::{Class, Inventory, Kind, States, Wanted, compare, imports, list};

const REGIONS: [&str; 2] = ["eu-west-1", "eu-central-1"];

/// A thing that the script made.
struct Made {
    type_name: String,
    import_id: String,
    attributes: Json,
    planted: bool,
}

fn make(account: &Account) -> Vec<Made> {
    let made = account.boto(include_str!("inventory/plant.py"));
    let made = made.as_array().unwrap();
    made.iter()
        .map(|one| Made {
            type_name: one[0].as_str().unwrap().to_owned(),
            import_id: one[1].as_str().unwrap().to_owned(),
            attributes: one[2].clone(),
            planted: one[3].as_bool().unwrap(),
        })
        .collect()
}

fn listed(account: &Account) -> Inventory {
    let connection = Connection::to_emulator(account.url(), REGIONS[0]);
    let runtime = Blocking::new().unwrap();
    runtime
        .wait(list(&connection, &Wanted::everything(REGIONS)))
        .unwrap()
}

/// A state of what is not planted.
fn state(made: &[Made]) -> States {
    let resources: Vec<Json> = made
        .iter()
        .enumerate()
        .filter(|(_, one)| !one.planted)
        .map(|(at, one)| {
            json!({
                "mode": "managed", "type": one.type_name, "name": format!("r{at}"),
                "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                "instances": [{ "schema_version": 0, "attributes": one.attributes }],
            })
        })
        .collect();
    let state = json!({ "version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": resources });
    let mut states = States::default();
    states.add("root", &tf_model::state::load(&state.to_string()).unwrap());
    states
}

#[test]
fn what_is_planted_is_found_and_what_is_managed_or_made_by_aws_is_not() {
    let account = Account::new();
    let made = make(&account);
    let inventory = listed(&account);
    let unlisted: Vec<String> = inventory.unlisted.iter().map(ToString::to_string).collect();
    assert_eq!(unlisted, [""; 0]);

    let coverage = compare(&inventory, &state(&made));
    let pair = |at: usize| {
        let resource = &inventory.resources[at];
        (resource.type_name.to_owned(), resource.import_id.clone())
    };
    let found: BTreeSet<(String, String)> = coverage.unmanaged.iter().map(|at| pair(*at)).collect();
    let planted: BTreeSet<(String, String)> = made
        .iter()
        .filter(|one| one.planted)
        .map(|one| (one.type_name.clone(), one.import_id.clone()))
        .collect();
    assert_eq!(found, planted);
    let kinds: BTreeSet<Kind> = planted
        .iter()
        .filter_map(|(type_name, _)| Kind::of_type(type_name))
        .collect();
    assert_eq!(kinds.len(), Kind::ALL.len(), "something of each kind is planted");

    // All of the state is recognised, each by its own import ID.
    let recognised: BTreeSet<String> = coverage
        .managed
        .iter()
        .filter(|managed| !managed.as_part)
        .map(|managed| pair(managed.resource).1)
        .collect();
    let managed: BTreeSet<String> = made
        .iter()
        .filter(|one| !one.planted)
        .map(|one| one.import_id.clone())
        .collect();
    assert_eq!(recognised, managed);

    // Whatever the account came with has a reason.
    let mut reasons: BTreeMap<Class, BTreeSet<&str>> = BTreeMap::new();
    for left_out in &coverage.left_out {
        let resource = &inventory.resources[left_out.resource];
        reasons
            .entry(left_out.class)
            .or_default()
            .insert(resource.type_name);
    }
    let of = |class: Class| reasons.get(&class).cloned().unwrap_or_default();
    assert_eq!(
        of(Class::Default),
        BTreeSet::from([
            "aws_network_acl",
            "aws_route_table",
            "aws_security_group",
            "aws_subnet",
            "aws_vpc"
        ])
    );
    assert!(of(Class::Service).contains("aws_iam_role"), "{reasons:?}");
    assert!(
        of(Class::Service).contains("aws_cloudwatch_log_group"),
        "{reasons:?}"
    );
    assert_eq!(of(Class::Stack), BTreeSet::from(["aws_dynamodb_table"]));
    assert!(of(Class::Part).contains("aws_instance"), "{reasons:?}");
    let total = coverage.total;
    assert_eq!(total.unmanaged, planted.len());
    assert_eq!(
        total.managed + total.unmanaged + total.left_out,
        inventory.resources.len()
    );
    assert!(
        total
            .percent()
            .is_some_and(|percent| (30.0..70.0).contains(&percent))
    );

    let unmanaged = coverage.unmanaged.iter().map(|at| &inventory.resources[*at]);
    let blocks = imports(unmanaged, REGIONS[0], &BTreeSet::new());
    let names: BTreeSet<&str> = blocks.iter().map(|block| block.to.as_str()).collect();
    assert_eq!(names.len(), planted.len());
    let elsewhere: Vec<&str> = blocks
        .iter()
        .filter_map(|block| block.provider.as_deref())
        .collect();
    assert_eq!(elsewhere, ["aws.eu_central_1"]);

    // The same again is the same.
    assert_eq!(listed(&account).resources, inventory.resources);
}
