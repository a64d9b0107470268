//! Our own small set of line icons, put into pages by templates.

/// The SVG of an icon; nothing for an unknown name. Always beside a word, so hidden from
/// screen readers.
#[must_use]
pub fn icon(name: &str) -> &'static str {
    FILES.iter().find(|(file, _)| *file == name).map_or("", |(_, svg)| svg)
}

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../assets/icons/", $name, ".svg")))),+]
    };
}

const FILES: &[(&str, &str)] = files![
    "alert",
    "arrow-left",
    "arrow-right",
    "ban",
    "bank",
    "bar-shield",
    "bed",
    "calendar",
    "card",
    "check",
    "check-shield",
    "clock",
    "copy",
    "cross",
    "external",
    "hollow-shield",
    "home",
    "info",
    "key",
    "lock",
    "mail",
    "menu",
    "minus",
    "moon",
    "people",
    "phone",
    "plus",
    "print",
    "question",
    "receipt",
    "refund",
    "search",
    "sun",
    "user",
    "wait",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_70_icons_are_hidden_and_carry_no_style() {
        for (name, svg) in FILES {
            assert!(svg.contains("aria-hidden=\"true\""), "{name}");
            assert!(!svg.contains("style=") && !svg.contains("<script"), "{name}");
        }
        assert_eq!(icon("unknown"), "");
    }
}
