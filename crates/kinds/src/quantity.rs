//! Shares as people write them.

/// Reads `2%` or `0.5 %` as a share: 0.02, 0.005.
pub fn share(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
    (percent >= 0.0 && percent.is_finite()).then_some(percent / 100.0)
}

/// Shows a share as it is written in a text: `2 %`.
pub fn percent(share: f64) -> String {
    // 0.07 is 7.000000000000001 %: ten digits are more than anyone writes.
    let percent = (share * 100.0 * 1e8).round() / 1e8;
    format!("{percent} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percentages() {
        let check = |text: &str, expect: Option<f64>| assert_eq!(share(text), expect, "{text}");
        check("2%", Some(0.02));
        check("0.5 %", Some(0.005));
        check("150%", Some(1.5));
        for wrong in ["2", "0.02", "-1%", "%", "NaN%", "inf%"] {
            check(wrong, None);
        }
        assert_eq!(percent(0.07), "7 %");
    }
}
