//! What an environment would become with another one's configuration: its files, its modules and versions, and the values that
//! the first one's variables have today.

use anyhow::bail;
use tf_model::{Options, Project};

use crate::environment::{Environment, Folder};

/// The environment `to` with the configuration of `from`, which is in a folder.
pub(crate) fn promoted(
    from: &Environment,
    to: &Environment,
    folder: &Folder,
    workspace: &str,
) -> anyhow::Result<Environment> {
    let Some(other) = &to.project else {
        bail!("{} could not be read", to.name);
    };
    let options = Options {
        workspace: workspace.to_owned(),
        ..Options::default()
    };
    let mut project = Project::load(&folder.dir, &options)?;
    let single = from.stacks.len() == 1 && to.stacks.len() == 1;
    for (name, stack) in &from.stacks {
        let counterpart = match single {
            true => to.stacks.values().next(),
            false => to.stacks.get(name),
        };
        if let (Some(root), Some(own)) = (&stack.root, counterpart.and_then(|stack| stack.root.as_ref())) {
            project.take_variables(root, other, own);
        }
    }
    let name = format!("{}+{}", to.name, from.name);
    let mut environment = Environment::of_project(&name, project, folder);
    // It is `to` that it would be.
    environment.words.clone_from(&to.words);
    environment.hosts.clone_from(&to.hosts);
    Ok(environment)
}
