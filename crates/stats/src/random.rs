//! The one source of chance: numbers that follow from a seed alone, the same on every machine.

/// How often something is drawn, and from which seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    pub count: usize,
    pub seed: u64,
}

/// SplitMix64: a counter whose value is mixed (G. Steele, D. Lea and C. Flood, OOPSLA 2014; constants as published).
///
/// It is here, and not taken from a crate, because its numbers are part of what a verdict means: another generator would
/// give other intervals for the same seed. Not for secrets.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns an index below `n` by Lemire's multiplication. Without his rejection: the bias is below n / 2⁶⁴.
    #[expect(clippy::cast_possible_truncation, reason = "the product shifted by 64 bits is below `n`, a usize")]
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}

/// A chance of success that is compared with random bits exactly: p · 2⁵³, rounded to a whole number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a probability times 2⁵³ fits")]
    pub(crate) fn new(probability: f64) -> Self {
        Self((probability * (1_u64 << 53) as f64) as u64)
    }

    pub(crate) fn draw(self, random: &mut SplitMix64) -> bool {
        (random.next() >> 11) < self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_published_ones() {
        let mut random = SplitMix64::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn certain_things_always_happen_and_impossible_ones_never() {
        let mut random = SplitMix64::new(7);
        assert!((0..1000).all(|_| Chance::new(1.0).draw(&mut random)));
        assert!((0..1000).all(|_| !Chance::new(0.0).draw(&mut random)));
        assert!((0..1000).all(|_| random.below(3) < 3));
    }
}
