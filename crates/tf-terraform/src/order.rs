//! Working on many roots side by side, each after those that it waits for.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

/// Items that wait for each other in a circle: their places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Circle(pub Vec<usize>);

struct State<R> {
    /// How many each still waits for.
    waiting: Vec<usize>,
    ready: Vec<usize>,
    left: usize,
    results: Vec<Option<R>>,
}

/// Works on all items, at most `bound` at once, each after those whose places are in `after`; among those that are ready the first
/// comes first. Threads have a stack of `stack` bytes. The results are in the order of the items.
///
/// # Errors
/// Where items wait for each other; then nothing was done.
pub fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    after: &[Vec<usize>],
    bound: usize,
    stack: usize,
    work: impl Fn(usize, &T) -> R + Sync,
) -> Result<Vec<R>, Circle> {
    let waits_for = |at: usize| {
        let mut all: Vec<usize> = after.get(at).cloned().unwrap_or_default();
        all.retain(|other| *other < items.len());
        all.sort_unstable();
        all.dedup();
        all
    };
    let waits: Vec<Vec<usize>> = (0..items.len()).map(waits_for).collect();
    if let Some(circle) = circle(&waits) {
        return Err(circle);
    }
    let waiting: Vec<usize> = waits.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..items.len())
        .filter(|at| waiting.get(*at) == Some(&0))
        .collect();
    ready.reverse();
    let state = Mutex::new(State {
        waiting,
        ready,
        left: items.len(),
        results: items.iter().map(|_| None).collect(),
    });
    let changed = Condvar::new();
    let worker = || {
        let mut guard = state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if guard.left == 0 {
                return;
            }
            let Some(at) = guard.ready.pop() else {
                guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(guard);
            let result = items.get(at).map(|item| work(at, item));
            guard = state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(slot) = guard.results.get_mut(at) {
                *slot = result;
            }
            guard.left -= 1;
            for (other, its) in waits.iter().enumerate() {
                if its.contains(&at)
                    && let Some(count) = guard.waiting.get_mut(other)
                {
                    *count -= 1;
                    if *count == 0 {
                        guard.ready.push(other);
                    }
                }
            }
            guard.ready.sort_unstable_by(|a, b| b.cmp(a));
            changed.notify_all();
        }
    };
    thread::scope(|scope| {
        for _ in 1..bound.min(items.len()) {
            // Where no further thread can be started, there are fewer.
            let _ = thread::Builder::new()
                .stack_size(stack)
                .spawn_scoped(scope, worker);
        }
        worker();
    });
    let state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(state.results.into_iter().flatten().collect())
}

/// A circle among items, in the order in which they wait.
fn circle(waits: &[Vec<usize>]) -> Option<Circle> {
    let mut open: Vec<usize> = (0..waits.len()).collect();
    loop {
        let before = open.len();
        let still = open.clone();
        open.retain(|at| {
            let its = waits.get(*at).map(Vec::as_slice).unwrap_or_default();
            its.iter().any(|other| still.contains(other))
        });
        if open.len() == before {
            break;
        }
    }
    let mut path = vec![*open.first()?];
    loop {
        let last = *path.last()?;
        let next = *waits.get(last)?.iter().find(|other| open.contains(other))?;
        if let Some(at) = path.iter().position(|seen| *seen == next) {
            return Some(Circle(path.split_off(at)));
        }
        path.push(next);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn each_comes_after_those_that_it_waits_for() {
        let after = vec![vec![2], vec![0, 2], vec![], vec![]];
        for bound in [1, 2, 8] {
            let clock = AtomicUsize::new(0);
            let times = side_by_side(&["a", "b", "c", "d"], &after, bound, 1 << 20, |at, name| {
                let begin = clock.fetch_add(1, Ordering::SeqCst);
                (at, *name, begin, clock.fetch_add(1, Ordering::SeqCst))
            })
            .unwrap();
            let names: Vec<&str> = times.iter().map(|time| time.1).collect();
            assert_eq!(names, ["a", "b", "c", "d"]);
            assert!(times[2].3 < times[0].2 && times[0].3 < times[1].2, "{times:?}");
        }
    }

    #[test]
    fn never_more_than_the_bound_at_once() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        side_by_side(&[(); 40], &[], 3, 1 << 20, |_, ()| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::yield_now();
            now.fetch_sub(1, Ordering::SeqCst);
        })
        .unwrap();
        assert!(most.into_inner() <= 3);
    }

    #[test]
    fn a_circle_is_named() {
        let after = vec![vec![], vec![2], vec![3], vec![1], vec![1]];
        let found = side_by_side(&[(); 5], &after, 2, 1 << 20, |_, ()| ()).unwrap_err();
        assert_eq!(found, Circle(vec![1, 2, 3]));
        let itself = side_by_side(&[()], &[vec![0]], 1, 1 << 20, |_, ()| ()).unwrap_err();
        assert_eq!(itself, Circle(vec![0]));
        assert_eq!(side_by_side(&[(); 0], &[], 4, 1 << 20, |_, ()| ()), Ok(vec![]));
    }
}
