//! Bounds rounded outward, to numbers that a person would have written.

/// Rounds the ends of a range of whole numbers outward, to a multiple of the power of ten that its width has.
pub(super) fn whole(low: i128, high: i128) -> (i128, i128) {
    let mut step = 1;
    while (high - low) / step >= 20 {
        step *= 10;
    }
    let up = -(-high).div_euclid(step) * step;
    (low.div_euclid(step) * step, up)
}

/// Rounds the ends of a range of finite numbers outward, as [`whole`] does; as texts, with the digits of the step.
pub(super) fn real(low: f64, high: f64) -> (String, String) {
    let width = (high - low).max(high.abs().max(low.abs()) * 1e-6);
    if low.total_cmp(&high).is_eq() || !width.is_finite() {
        return (low.to_string(), high.to_string());
    }
    #[expect(clippy::cast_possible_truncation, reason = "the exponent of a float is between -324 and 308")]
    let exponent = (width / 20.0).log10().ceil() as i32;
    let step = 10_f64.powi(exponent);
    let digits = usize::try_from(-exponent).unwrap_or(0);
    let text = |value: f64| format!("{value:.digits$}");
    let (down, up) = (text((low / step).floor() * step), text((high / step).ceil() * step));
    // Far from zero the rounding of floats may have cut off the end itself; then it stands as it is.
    let keeps = |text: &String, ok: &dyn Fn(f64) -> bool| text.parse().is_ok_and(ok);
    let down = if keeps(&down, &|value| value <= low) { down } else { low.to_string() };
    let up = if keeps(&up, &|value| value >= high) { up } else { high.to_string() };
    (down, up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_rounded_by_the_width_of_their_range() {
        assert_eq!(whole(1, 38), (0, 40));
        assert_eq!(whole(2010, 2020), (2010, 2020));
        assert_eq!(whole(7, 7), (7, 7));
        assert_eq!(whole(-3, 1234), (-100, 1300));
        assert_eq!(whole(0, 5), (0, 5));
        assert_eq!(
            whole(i128::from(i64::MIN), i128::from(i64::MAX)),
            (-10_000_000_000_000_000_000, 10_000_000_000_000_000_000)
        );
    }

    #[test]
    fn real_numbers_are_rounded_by_the_width_of_their_range() {
        let check = |low, high, expect: (&str, &str)| {
            assert_eq!(real(low, high), (expect.0.to_owned(), expect.1.to_owned()), "{low} {high}");
        };
        check(-27.5, 31.0, ("-30", "40"));
        check(0.013, 0.972, ("0.0", "1.0"));
        check(2.0, 2.0, ("2", "2"));
        check(0.0, 0.0, ("0", "0"));
        check(1e15, 1e15 + 1.0, ("1000000000000000", "1000000100000000"));
    }
}
