//! Where chance comes from: every case has a seed of its own, so that any case repeats alone and cases may run in any order.

use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::{
    Config, RngAlgorithm, RngSeed, TestRng, TestRunner, basic_result_cache,
};
use ring::digest::{Context, SHA256};

/// The seed of one case: the hash of the run's seed, the check's name and the case's number.
pub fn case_seed(run_seed: u64, check: &str, case: u64) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    hash.update(b"acgw case 1\0");
    hash.update(&run_seed.to_be_bytes());
    hash.update(&case.to_be_bytes());
    hash.update(check.as_bytes());
    let mut seed = [0; 32];
    seed.copy_from_slice(hash.finish().as_ref());
    seed
}

/// A proptest runner that depends on nothing but the seed.
///
/// `Config::default()` takes its values from `PROPTEST_*` variables, so every field that has a part in generation is set
/// here; what is left to it are fields that only exist with other features of proptest, which concern the running of tests.
pub fn runner(seed: [u8; 32]) -> TestRunner {
    let config = Config {
        cases: 1,
        max_local_rejects: 1_000,
        max_global_rejects: 1_000,
        max_flat_map_regens: 1_000,
        failure_persistence: None,
        source_file: None,
        test_name: None,
        max_shrink_time: 0,
        max_shrink_iters: 1_000,
        max_default_size_range: 100,
        result_cache: basic_result_cache,
        verbose: 0,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(0),
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// The value tree that a strategy grows from a seed.
///
/// # Errors
/// When the strategy rejects too many values; none of this folder's does.
pub fn tree<S: Strategy>(strategy: &S, seed: [u8; 32]) -> NewTree<S> {
    strategy.new_tree(&mut runner(seed))
}

/// SplitMix64: a small generator for choices that hang on one number, such as the order of keys in a
/// [`Style`](super::Style).
#[derive(Debug, Clone)]
pub(super) struct Mixer(u64);

impl Mixer {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, or 0 where there is none.
    pub(super) fn below(&mut self, n: usize) -> usize {
        match u64::try_from(n) {
            Ok(0) | Err(_) => 0,
            // The remainder is below n, which is a usize.
            Ok(n) => usize::try_from(self.next() % n).unwrap_or(0),
        }
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::strategy::ValueTree;

    use super::*;

    #[test]
    fn seeds_differ_in_every_part() {
        let seed = case_seed(1, "ROB-10", 2);
        assert_eq!(seed, case_seed(1, "ROB-10", 2));
        assert_ne!(seed, case_seed(2, "ROB-10", 2));
        assert_ne!(seed, case_seed(1, "ROB-11", 2));
        assert_ne!(seed, case_seed(1, "ROB-10", 3));
    }

    #[test]
    fn a_seed_fixes_the_value() {
        let strategy = proptest::collection::vec(proptest::num::u64::ANY, 0..50);
        let value = |case| {
            tree(&strategy, case_seed(7, "x", case))
                .expect("no filter")
                .current()
        };
        assert_eq!(value(1), value(1));
        assert_ne!(value(1), value(2));
    }
}
