//! Resources that running tasks share.

use std::collections::BTreeMap;

use crate::pipeline::Resources;

/// Named pools with a capacity each; `cpu` is always there.
#[derive(Clone, Debug)]
pub struct Pools {
    caps: BTreeMap<String, u64>,
    used: BTreeMap<String, u64>,
}

/// A stage wants of a pool that has no capacity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("pool `{pool}` has no capacity")]
pub struct PoolError {
    pub pool: String,
}

impl Pools {
    /// Makes the pools: `jobs` slots of `cpu`, and the others as given.
    pub fn new(jobs: u64, others: &BTreeMap<String, u64>) -> Self {
        let mut caps = others.clone();
        caps.insert("cpu".to_owned(), jobs.max(1));
        Self { caps, used: BTreeMap::new() }
    }

    /// Checks that every pool a task names exists.
    pub fn check(&self, resources: &Resources) -> Result<(), PoolError> {
        let unknown = resources.0.keys().find(|pool| !self.caps.contains_key(*pool));
        unknown.map_or(Ok(()), |pool| Err(PoolError { pool: pool.clone() }))
    }

    /// Whether what the task wants is free now. A demand above the capacity is met when nothing else is taken.
    pub fn has_room_for(&self, resources: &Resources) -> bool {
        demand(resources).iter().all(|(pool, amount)| {
            let used = self.used.get(pool).copied().unwrap_or(0);
            let cap = self.caps.get(pool).copied().unwrap_or(0);
            used == 0 || used.saturating_add(*amount) <= cap
        })
    }

    /// Takes what the task wants.
    pub fn take(&mut self, resources: &Resources) {
        for (pool, amount) in demand(resources) {
            *self.used.entry(pool).or_default() += amount;
        }
    }

    /// Gives back what [`Self::take`] took.
    pub fn give_back(&mut self, resources: &Resources) {
        for (pool, amount) in demand(resources) {
            let used = self.used.entry(pool).or_default();
            *used = used.saturating_sub(amount);
        }
    }

    /// Whether no task can start, whatever it wants.
    pub fn is_full(&self) -> bool {
        self.used.get("cpu").copied().unwrap_or(0) >= self.caps.get("cpu").copied().unwrap_or(1)
    }
}

/// A task takes one slot of `cpu` unless it says more.
fn demand(resources: &Resources) -> BTreeMap<String, u64> {
    let mut demand = resources.0.clone();
    let cpu = demand.entry("cpu".to_owned()).or_insert(1);
    *cpu = (*cpu).max(1);
    demand.retain(|_, amount| *amount > 0);
    demand
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(pool: &str, amount: u64) -> Resources {
        Resources([(pool.to_owned(), amount)].into())
    }

    #[test]
    fn a_demand_above_the_capacity_runs_alone() {
        let mut pools = Pools::new(2, &[("mem".to_owned(), 10)].into());
        assert!(pools.has_room_for(&wants("mem", 50)));
        pools.take(&wants("mem", 50));
        assert!(!pools.has_room_for(&wants("mem", 1)));
        pools.give_back(&wants("mem", 50));
        pools.take(&wants("mem", 6));
        assert!(!pools.has_room_for(&wants("mem", 6)));
        assert!(pools.has_room_for(&wants("mem", 4)));
        pools.take(&wants("mem", 4));
        assert!(pools.is_full());
    }

    #[test]
    fn a_pool_without_a_capacity_is_an_error() {
        let pools = Pools::new(2, &BTreeMap::new());
        assert_eq!(pools.check(&wants("gpu", 1)), Err(PoolError { pool: "gpu".into() }));
        assert_eq!(pools.check(&wants("cpu", 9)), Ok(()));
    }
}
