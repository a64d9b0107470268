//! Recomputes the contrast of every colour pair of the style sheet (WCAG 2.2, 1.4.3 and 1.4.11).
#![expect(clippy::float_arithmetic, reason = "relative luminance is defined with fractions")]

use std::collections::BTreeMap;

const SHEET: &str = include_str!("../../crates/http/assets/guichet.css");
/// Contrast that text must reach.
const TEXT: f64 = 4.5;
/// Contrast that lines of controls must reach.
const LINES: f64 = 3.0;

type Tokens = BTreeMap<String, String>;

/// The custom properties of the block that follows `selector`.
fn tokens(selector: &str) -> Tokens {
    let (_, rest) = SHEET.split_once(selector).unwrap();
    let (block, _) = rest.split_once('}').unwrap();
    let block = block.trim_start_matches([' ', '{']);
    let pairs = block.split(';').filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

fn luminance(colour: &str) -> f64 {
    let hex = colour.trim_start_matches('#');
    let channel = |at: usize| {
        let digits =
            if hex.len() == 3 { hex[at..=at].repeat(2) } else { hex[2 * at..2 * at + 2].into() };
        let part = f64::from(u8::from_str_radix(&digits, 16).unwrap()) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    let ratio = (one.max(other) + 0.05) / (one.min(other) + 0.05);
    (ratio * 100.0).round() / 100.0
}

fn against_grounds(tokens: &Tokens, name: &str) -> [f64; 3] {
    ["--page", "--panel", "--hover"].map(|ground| contrast(&tokens[name], &tokens[ground]))
}

/// Token, then its contrast on page, panel and hover as published with the design.
type Published = (&'static str, [f64; 3]);

const LIGHT: [Published; 9] = [
    ("--ink", [16.91, 15.52, 13.83]),
    ("--ink-2", [8.82, 8.09, 7.21]),
    ("--ink-3", [5.89, 5.41, 4.82]),
    ("--line-control", [4.60, 4.22, 3.76]),
    ("--accent", [7.77, 7.13, 6.36]),
    ("--ok", [7.29, 6.69, 5.96]),
    ("--warn", [7.36, 6.76, 6.02]),
    ("--bad", [7.52, 6.90, 6.15]),
    ("--info", [8.29, 7.61, 6.78]),
];
const DARK: [Published; 9] = [
    ("--ink", [15.66, 14.26, 12.08]),
    ("--ink-2", [10.72, 9.77, 8.27]),
    ("--ink-3", [7.35, 6.69, 5.67]),
    ("--line-control", [5.36, 4.88, 4.13]),
    ("--accent", [9.21, 8.39, 7.11]),
    ("--ok", [10.05, 9.15, 7.75]),
    ("--warn", [10.71, 9.75, 8.26]),
    ("--bad", [9.00, 8.20, 6.94]),
    ("--info", [9.91, 9.03, 7.64]),
];

fn check(tokens: &Tokens, published: &[Published]) {
    for (name, figures) in published {
        let measured = against_grounds(tokens, name);
        assert_eq!(measured, *figures, "{name}");
        let least = if name.starts_with("--line") { LINES } else { TEXT };
        assert!(measured.iter().all(|ratio| *ratio >= least), "{name}: {measured:?}");
    }
    for state in ["ok", "warn", "bad", "info"] {
        let (word, tint) = (&tokens[&format!("--{state}")], &tokens[&format!("--{state}-tint")]);
        assert!(contrast(word, tint) >= TEXT, "{state} on its tint");
    }
    assert!(contrast(&tokens["--on-accent"], &tokens["--accent"]) >= TEXT);
}

#[test]
fn u_79_every_colour_pair_is_readable() {
    let light = tokens(":root {");
    check(&light, &LIGHT);
    assert!(contrast(&light["--on-test"], &light["--test"]) >= TEXT);
    assert!(contrast(&light["--on-demo"], &light["--demo"]) >= TEXT);
    assert!(contrast("#ffffff", "#4e2274") >= TEXT, "stripe of the test band");
    let mut dark = light.clone();
    dark.extend(tokens(":root[data-theme=\"dark\"] {"));
    check(&dark, &DARK);
    assert_eq!(
        tokens(":root:not([data-theme=\"light\"]) {").get("--ink"),
        dark.get("--ink"),
        "dark by choice and dark by system are the same"
    );
}

#[test]
fn the_bank_is_readable_too() {
    for (base, own) in [
        (":root {", ".bank {"),
        (":root[data-theme=\"dark\"] {", ":root[data-theme=\"dark\"] .bank {"),
    ] {
        let mut all = tokens(base);
        all.extend(tokens(own));
        for name in ["--ink", "--ink-2", "--ink-3", "--accent"] {
            assert!(
                against_grounds(&all, name).iter().all(|ratio| *ratio >= TEXT),
                "{base} {name}"
            );
        }
        assert!(contrast(&all["--on-accent"], &all["--accent"]) >= TEXT);
    }
    assert!(contrast("#ffffff", "#14204f") >= TEXT);
}

#[test]
fn the_style_sheet_stays_small_and_asks_nobody() {
    assert!(SHEET.len() < 60_000, "about 20 kB once compressed is the limit");
    assert!(!SHEET.contains("url(") && !SHEET.contains("@import"));
    let order = "@layer reset, tokens, base, layout, parts, state, print;";
    assert!(SHEET.contains(order));
}
