//! Recomputes the contrast of every pair of colours from the style sheet (WCAG 2.2, 1.4.3, 1.4.11).

use std::collections::BTreeMap;

use crate::contrast::{LINES, Rgb, TEXT, contrast, parse};

const STYLE: &str = include_str!("../assets/guichet.css");

/// What the house promised: token, contrast on page, panel, hover; light, then dark.
const PROMISED: &[(&str, [f64; 3], [f64; 3])] = &[
    ("ink", [16.91, 15.52, 13.83], [15.66, 14.26, 12.08]),
    ("ink-2", [8.82, 8.09, 7.21], [10.72, 9.77, 8.27]),
    ("ink-3", [5.89, 5.41, 4.82], [7.35, 6.69, 5.67]),
    ("line-control", [4.60, 4.22, 3.76], [5.36, 4.88, 4.13]),
    ("accent", [7.77, 7.13, 6.36], [9.21, 8.39, 7.11]),
    ("ok", [7.29, 6.69, 5.96], [10.05, 9.15, 7.75]),
    ("warn", [7.36, 6.76, 6.02], [10.71, 9.75, 8.26]),
    ("bad", [7.52, 6.90, 6.15], [9.00, 8.20, 6.94]),
    ("info", [8.29, 7.61, 6.78], [9.91, 9.03, 7.64]),
];
/// Colour on its own ground.
const ON_GROUND: &[(&str, &str, f64, f64)] = &[
    ("on-accent", "accent", 7.77, 9.11),
    ("ok", "ok-tint", 6.29, 7.99),
    ("warn", "warn-tint", 6.47, 8.65),
    ("bad", "bad-tint", 6.24, 8.00),
    ("info", "info-tint", 7.03, 8.12),
    ("on-test", "test", 9.90, 9.90),
    ("on-demo", "demo", 13.11, 13.11),
];

type Tokens = BTreeMap<String, Rgb>;

/// The colours of a block of the style sheet that begins with `start`.
fn tokens(start: &str) -> Tokens {
    let block = STYLE.split_once(start).unwrap().1.split_once('}').unwrap().0;
    let pairs = block.split(';').filter_map(|line| line.trim().split_once(':'));
    pairs
        .filter_map(|(name, value)| {
            Some((name.trim().strip_prefix("--")?.to_owned(), parse(value.trim())?))
        })
        .collect()
}

fn light() -> Tokens {
    tokens("@layer tokens {\n  :root {")
}

fn dark(start: &str) -> Tokens {
    let mut all = light();
    all.extend(tokens(start));
    all
}

fn check(tokens: &Tokens, (fore, ground): (&str, &str), promised: f64) {
    let found = contrast(tokens[fore], tokens[ground]);
    let least = if fore == "line-control" { LINES } else { TEXT };
    assert!(found >= least, "{fore} on {ground}: {found:.2}");
    assert!((found - promised).abs() < 0.011, "{fore} on {ground}: {found:.2}, not {promised}");
}

#[test]
fn u_79_contrasts_are_those_promised_in_light_and_dark() {
    let darks = [":root:not([data-theme=\"light\"]) {", "  :root[data-theme=\"dark\"] {"];
    assert_eq!(dark(darks[0]), dark(darks[1]), "chosen dark is the system's dark");
    let (light, dark) = (light(), dark(darks[0]));
    for (fore, in_light, in_dark) in PROMISED {
        for (at, ground) in ["page", "panel", "hover"].into_iter().enumerate() {
            check(&light, (fore, ground), in_light[at]);
            check(&dark, (fore, ground), in_dark[at]);
        }
    }
    for (fore, ground, in_light, in_dark) in ON_GROUND {
        check(&light, (fore, ground), *in_light);
        check(&dark, (fore, ground), *in_dark);
    }
}

#[test]
fn u_79_stripes_and_the_house_of_the_bank_are_readable_too() {
    let white = parse("#ffffff").unwrap();
    for ground in ["#4e2274", "#14204f"] {
        assert!(contrast(white, parse(ground).unwrap()) >= TEXT, "{ground}");
    }
    let darks = "  :root[data-theme=\"dark\"] {";
    for (base, own) in [(light(), ".bank {"), (dark(darks), ":root[data-theme=\"dark\"] .bank {")] {
        let mut all = base;
        all.extend(tokens(own));
        let grounds = ["page", "panel", "hover"];
        for (fore, ground) in ["ink", "ink-2", "ink-3", "accent"]
            .iter()
            .flat_map(|fore| grounds.map(|ground| (*fore, ground)))
            .chain([("on-accent", "accent")])
        {
            assert!(contrast(all[fore], all[ground]) >= TEXT, "{own} {fore} on {ground}");
        }
    }
}

#[test]
fn u_76_the_one_style_sheet_is_light_and_loads_nothing() {
    assert!(STYLE.len() < 64_000, "{} bytes before compression", STYLE.len());
    for foreign in ["url(", "@import", "http:", "https:", "@font-face"] {
        assert!(!STYLE.contains(foreign), "{foreign}");
    }
    assert!(STYLE.contains("@layer reset, tokens, base, layout, parts, state, print;"));
    assert!(STYLE.contains("forced-colors: active") && STYLE.contains("prefers-reduced-motion"));
}
