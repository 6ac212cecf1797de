//! Differences planted in copies of `environments/`: found, traced to their lines and judged, and nothing else.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;

use super::{compared, copies, names, repository, workspace};

/// A line of `envdiff/plants.txt` or `envdiff/judged.txt`.
#[derive(Debug)]
struct Plant {
    stack: String,
    file: String,
    from: String,
    to: String,
    layer: String,
    name: String,
    verdict: String,
}

fn plants(file: &str) -> Vec<Plant> {
    let text = fs::read_to_string(workspace().join("tests/envdiff").join(file)).unwrap();
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let parts: Vec<String> = line
                .split(" | ")
                .map(|part| part.trim().replace("\\n", "\n"))
                .collect();
            let [stack, file, from, to, layer, name, verdict] = <[String; 7]>::try_from(parts)
                .unwrap_or_else(|parts| panic!("{} parts: {line}", parts.len()));
            Plant {
                stack,
                file,
                from,
                to,
                layer,
                name,
                verdict,
            }
        })
        .collect()
}

impl Plant {
    /// Plants it, and tells its lines: where the text was, and where what took its place is.
    fn plant(&self, environment: &Path) -> (u64, u64) {
        let path = environment.join(&self.stack).join(&self.file);
        let text = fs::read_to_string(&path).unwrap();
        let line_of = |text: &str, at: usize| text[..at].matches('\n').count() as u64 + 1;
        if self.from == "+" {
            fs::write(&path, format!("{text}{}\n", self.to)).unwrap();
            let line = line_of(&text, text.len());
            return (line, line);
        }
        let at = text.find(&self.from).unwrap_or_else(|| panic!("{self:?}"));
        // The first letter that differs.
        let same = self
            .from
            .bytes()
            .zip(self.to.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let changed = text.replacen(&self.from, &self.to, 1);
        fs::write(&path, &changed).unwrap();
        (line_of(&text, at + same), line_of(&changed, at + same))
    }
}

/// Whether a difference is traced to the planted line, in the environment where it is written.
fn is_traced(difference: &Json, plant: &Plant, lines: (u64, u64)) -> bool {
    let file = format!("{}/{}", plant.stack, plant.file);
    // What is planted may have several lines.
    let more = plant.to.matches('\n').count() as u64;
    let causes = std::iter::once(&difference["cause"])
        .chain(difference["more_causes"].as_array().into_iter().flatten());
    let covers = |place: &Json, environment: &str, line: u64, more: u64| {
        let (first, last) = (place["lines"][0].as_u64(), place["lines"][1].as_u64());
        place["file"]
            .as_str()
            .is_some_and(|found| found.ends_with(&format!("{environment}/{file}")))
            && first.is_some_and(|first| first <= line + more)
            && last.is_some_and(|last| line <= last && last - first.unwrap() < 16)
    };
    causes.into_iter().any(|cause| {
        covers(&cause["places"]["dev"], "dev", lines.0, 0)
            || covers(&cause["places"]["prod"], "prod", lines.1, more)
    })
}

/// Works on all of a list on a few threads: most of the time is that of the programs that are started.
fn each<T: Sync>(items: &[T], work: impl Fn(usize, &T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    work(at, item);
                }
            });
        }
    });
}

#[test]
fn planted_differences_are_found_traced_and_judged_and_nothing_else() {
    let plants = plants("plants.txt");
    assert!(plants.len() >= 60, "{}", plants.len());
    check(&plants, &["dev", "prod"], false);
}

/// With the rules of our own environments, of which staging is as dev is.
#[test]
fn planted_differences_are_judged_by_our_own_rules() {
    let plants = plants("judged.txt");
    for verdict in ["expected", "forbidden", "missing", "unexplained"] {
        assert!(plants.iter().any(|plant| plant.verdict == verdict), "{verdict}");
    }
    check(&plants, &["dev", "staging", "prod"], true);
}

/// Plants each alone in prod, and compares: it is there with its line and its verdict, and nothing is there that is not of it.
fn check(plants: &[Plant], environments: &[&str], rules: bool) {
    let repository = repository();
    let wrong = Mutex::new(Vec::new());
    each(plants, |at, plant| {
        let folder = copies(
            repository.path(),
            &format!("case{at}"),
            environments,
            &[&plant.stack],
        );
        if rules {
            let file = "plumbline.hcl";
            fs::copy(workspace().join("environments").join(file), folder.join(file)).unwrap();
        }
        let lines = plant.plant(&folder.join("prod"));
        let places: Vec<String> = environments
            .iter()
            .map(|environment| format!("case{at}/{environment}/{}", plant.stack))
            .collect();
        let args: Vec<&str> = places.iter().map(String::as_str).collect();
        let (json, code) = compared(repository.path(), &args);
        let say = |what: String| wrong.lock().unwrap().push(format!("{plant:?}\n  {what}"));
        let exit = i32::from(plant.verdict != "expected");
        if code != Some(exit) || json["errors"].as_array().is_none_or(|errors| !errors.is_empty()) {
            say(format!("{code:?} {}", json["errors"]));
            return;
        }
        let all = json["differences"].as_array().unwrap();
        let found = all.iter().find(|difference| {
            difference["layer"] == plant.layer.as_str()
                && (plant.name == "*" || names(difference).contains(&plant.name))
        });
        match found {
            None => say(format!("is not found: {json:#}")),
            Some(found) if found["verdict"] != plant.verdict.as_str() => {
                say(format!("verdict {}", found["verdict"]))
            }
            Some(found) if !is_traced(found, plant, lines) => {
                say(format!("lines {lines:?}: {}", found["cause"]))
            }
            Some(_) => {}
        }
        for other in all {
            if !is_traced(other, plant, lines) {
                say(format!("besides: {other}"));
            }
        }
        fs::remove_dir_all(&folder).unwrap();
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
