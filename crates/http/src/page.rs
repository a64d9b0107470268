//! The frame of a page: title, brand, band, language menu, style and script.
//!
//! Templates extend `base.html` or `public.html` of this crate (`dirs` in their `askama.toml`)
//! and hold a [`Page`] in a field called `page`.

use std::sync::Arc;

use kernel::Locale;
use kernel::card_text::holds_card_number;

use crate::assets::{Asset, STYLE};
use crate::words::Words;

/// The band at the top that states the mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// Real money: no band.
    None,
    /// Test shop.
    Test,
    /// The demo.
    Demo,
}

/// The field that says that a form was only submitted to change the language of its page; it
/// stands in `languages.html`.
pub const LANGUAGE_FIELD: &str = "langue";

/// One entry of the language menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageLink {
    /// Two letters.
    pub code: &'static str,
    /// The language's name in itself.
    pub name: &'static str,
    /// The same page in that language.
    pub href: String,
    /// Whether the page is in it now.
    pub current: bool,
}

/// A picture in the place of the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// Its address on our own origin.
    pub src: String,
    /// Its width in CSS pixels.
    pub width: u32,
    /// Its height in CSS pixels.
    pub height: u32,
}

/// What a merchant changed of the house's look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Address of the style sheet with his accent.
    pub theme: Option<String>,
    /// His logo.
    pub logo: Option<Logo>,
}

/// What every page has.
#[derive(Debug, Clone)]
pub struct Page {
    /// The words of its language.
    pub words: Arc<Words>,
    /// First words of `<title>` and the one `<h1>`.
    pub title: String,
    /// A reference within the title that a line never breaks, such as `DOS-2026-000001`.
    pub reference: String,
    /// Whose page it is: the merchant's name.
    pub brand: String,
    /// Live, test, demo.
    pub band: Band,
    /// Empty when there is no choice.
    pub languages: Vec<LanguageLink>,
    /// Id of the form whose typed values a change of language keeps.
    pub typed_in: Option<&'static str>,
    /// The one script, if any.
    pub script: Option<&'static Asset>,
    /// Whether a form on it was refused: the title then begins with "Error:".
    pub faulty: bool,
    /// The merchant's own accent and logo.
    pub look: Look,
}

impl Page {
    /// A page in the language of `words`.
    pub fn new(words: Arc<Words>, title: impl Into<String>, brand: impl Into<String>) -> Self {
        Self {
            words,
            title: title.into(),
            reference: String::new(),
            brand: brand.into(),
            band: Band::None,
            languages: Vec::new(),
            typed_in: None,
            script: None,
            faulty: false,
            look: Look::default(),
        }
    }

    /// States the mode.
    #[must_use]
    pub const fn band(mut self, band: Band) -> Self {
        self.band = band;
        self
    }

    /// Adds the script.
    #[must_use]
    pub const fn script(mut self, script: &'static Asset) -> Self {
        self.script = Some(script);
        self
    }

    /// Names the reference within the title.
    #[must_use]
    pub fn about(mut self, reference: impl Into<String>) -> Self {
        self.reference = reference.into();
        self
    }

    /// The title before its reference, the reference, and what follows it; without a reference
    /// all of the title comes first.
    #[must_use]
    pub fn heading(&self) -> (&str, &str, &str) {
        let whole = self.title.as_str();
        let split = whole.split_once(&self.reference).filter(|_| !self.reference.is_empty());
        split.map_or((whole, "", ""), |(before, after)| (before, &self.reference, after))
    }

    /// Adds the merchant's accent and logo.
    #[must_use]
    pub fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// Marks a refused form.
    #[must_use]
    pub const fn faulty(mut self) -> Self {
        self.faulty = true;
        self
    }

    /// Adds the language menu of the page at `path`, which may have a query: its `lang` is left out,
    /// and so is a card number that somebody typed into a search.
    #[must_use]
    pub fn languages(mut self, offered: &[Locale], path: &str) -> Self {
        let path = without_language(path);
        let joint = if path.contains('?') { '&' } else { '?' };
        let current = self.words.locale();
        self.languages = offered
            .iter()
            .map(|locale| LanguageLink {
                code: locale.code(),
                name: locale.own_name(),
                href: format!("{path}{joint}lang={}", locale.code()),
                current: *locale == current,
            })
            .collect();
        self
    }

    /// Makes the language menu submit a form of the page, so that what was typed is kept without a
    /// script. The form's handler finds [`LANGUAGE_FIELD`] among the fields, does nothing of what
    /// the form is for, and shows the page again. The addresses of the menu are the form's.
    #[must_use]
    pub const fn keeping(mut self, form: &'static str) -> Self {
        self.typed_in = Some(form);
        self
    }

    /// Two letters for `<html lang>`.
    #[must_use]
    pub fn lang(&self) -> &'static str {
        self.words.locale().code()
    }

    /// A message without parameters.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// The style sheet.
    #[must_use]
    pub fn style(&self) -> &'static Asset {
        &STYLE
    }

    /// The icon of the tab.
    #[must_use]
    pub fn favicon(&self) -> &'static str {
        crate::assets::favicon_path()
    }

    /// Whether the page is part of a test shop.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.band == Band::Test
    }

    /// Whether the page is part of the demo.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.band == Band::Demo
    }
}
/// An address for the menu of languages, which adds the language itself.
fn without_language(path: &str) -> String {
    let Some((place, query)) = path.split_once('?') else { return path.to_owned() };
    let holds_card = |pair: &str| holds_card_number(&pair.replace('+', " ").replace("%20", " "));
    let kept = query.split('&').filter(|pair| !pair.starts_with("lang=") && !holds_card(pair));
    let kept = kept.collect::<Vec<&str>>().join("&");
    if kept.is_empty() { place.to_owned() } else { format!("{place}?{kept}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_03_the_menu_of_languages_repeats_neither_its_choice_nor_a_card_number() {
        for (path, kept) in [
            ("/caisse", "/caisse"),
            ("/r/abc?lang=fr", "/r/abc"),
            ("/caisse?q=Roy&lang=fr&page=2", "/caisse?q=Roy&page=2"),
            ("/caisse?q=4970100000000154&vue=tout", "/caisse?vue=tout"),
            ("/caisse?q=4970+1000%200000+0154", "/caisse"),
        ] {
            assert_eq!(without_language(path), kept);
        }
    }
}
