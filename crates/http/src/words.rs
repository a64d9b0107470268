//! Words of pages and mails: Fluent messages, one file per slice and language.
//!
//! A catalogue is put together once at start from the lists that slices export. What a payer reads
//! exists in all eight languages ([`payer_words!`](crate::payer_words)), what staff read in
//! [`STAFF_LANGUAGES`]. A key that is missing in a language falls back to French and is found by a
//! test ([`Catalogue::missing`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use kernel::Locale;

/// One message file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Messages {
    /// Its language.
    pub locale: Locale,
    /// Its text in Fluent syntax.
    pub text: &'static str,
}

/// The languages of staff pages.
pub const STAFF_LANGUAGES: [Locale; 2] = [Locale::Fr, Locale::En];

/// The files of a slice whose words payers read: `payer_words!("messages")` is the list of
/// `messages/fr.ftl` and its seven sisters, beside the calling file.
#[macro_export]
macro_rules! payer_words {
    ($folder:literal) => {
        $crate::payer_words!($folder: Fr "fr", En "en", De "de", Es "es", It "it", Nl "nl",
            Pt "pt", Pl "pl")
    };
    ($folder:literal: $($locale:ident $code:literal),*) => {
        &[$($crate::words::Messages {
            locale: kernel::Locale::$locale,
            text: include_str!(concat!($folder, "/", $code, ".ftl")),
        }),*]
    };
}

/// Why a catalogue could not be built: a fault of the release, not of a user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// A file is not Fluent.
    #[error("message file of {0}: {1}")]
    Syntax(&'static str, String),
    /// A key is defined twice.
    #[error("message of {0}: {1}")]
    Twice(&'static str, String),
}

/// All words of one language.
pub struct Words {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
    fallback: Option<Arc<Self>>,
}

impl Words {
    /// The language.
    #[must_use]
    pub const fn locale(&self) -> Locale {
        self.locale
    }

    /// A message without parameters. An unknown key comes back in brackets.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A message with named parameters, as texts.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, FluentValue::from(*value));
        }
        self.format(key, &args)
    }

    /// A message whose plural depends on `count` (parameter `$n`).
    #[must_use]
    pub fn count(&self, key: &str, count: i64) -> String {
        let mut args = FluentArgs::new();
        args.set("n", FluentValue::from(count));
        self.format(key, &args)
    }

    /// A plural message (`$n`) with further named parameters.
    #[must_use]
    pub fn count_with(&self, key: &str, count: i64, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        args.set("n", FluentValue::from(count));
        for (name, value) in values {
            args.set(*name, FluentValue::from(*value));
        }
        self.format(key, &args)
    }

    /// Whether the language itself has the key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    fn format(&self, key: &str, args: &FluentArgs<'_>) -> String {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            return self
                .fallback
                .as_ref()
                .map_or_else(|| format!("[{key}]"), |words| words.format(key, args));
        };
        let mut faults = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(args), &mut faults).into_owned();
        if !faults.is_empty() {
            tracing::error!(key, ?faults, "message could not be formatted");
        }
        text
    }
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Words({})", self.locale.code())
    }
}

/// The words of all languages.
#[derive(Debug, Clone)]
pub struct Catalogue {
    languages: Arc<BTreeMap<Locale, Arc<Words>>>,
    french: Arc<Words>,
    offered: Vec<Locale>,
    missing: Vec<(Locale, String)>,
}

impl Catalogue {
    /// Puts the files of all slices together, one list per slice.
    ///
    /// # Errors
    /// [`WordsError`] for a file that is not Fluent or a key defined twice.
    pub fn new(files: &[&[Messages]]) -> Result<Self, WordsError> {
        let of = |locale| {
            let all = files.iter().flat_map(|list| list.iter());
            all.filter(move |file| file.locale == locale).map(|file| file.text)
        };
        let french = Arc::new(language(Locale::Fr, of(Locale::Fr), None)?);
        let mut languages = BTreeMap::from([(Locale::Fr, Arc::clone(&french))]);
        for locale in Locale::ALL.into_iter().filter(|l| *l != Locale::Fr) {
            let fallback = Some(Arc::clone(&french));
            languages.insert(locale, Arc::new(language(locale, of(locale), fallback)?));
        }
        let spoken = |locale: &Locale| of(*locale).next().is_some();
        Ok(Self {
            offered: Locale::ALL.into_iter().filter(spoken).collect(),
            missing: files.iter().flat_map(|list| gaps(list)).collect(),
            languages: Arc::new(languages),
            french,
        })
    }

    /// The words of a language.
    #[must_use]
    pub fn words(&self, locale: Locale) -> Arc<Words> {
        Arc::clone(self.languages.get(&locale).unwrap_or(&self.french))
    }

    /// Languages of payers' pages, in the order of menus: those in which there are words at all.
    #[must_use]
    pub fn offered(&self) -> &[Locale] {
        &self.offered
    }

    /// What one language of a slice has and another lacks: a key, or `key $variable`.
    #[must_use]
    pub fn missing(&self) -> &[(Locale, String)] {
        &self.missing
    }
}

/// What the languages of one slice do not have in common.
fn gaps(list: &[Messages]) -> Vec<(Locale, String)> {
    let mut spoken: BTreeMap<Locale, BTreeSet<String>> = BTreeMap::new();
    for file in list {
        spoken.entry(file.locale).or_default().extend(names(file.text));
    }
    let all: BTreeSet<String> = spoken.values().flatten().cloned().collect();
    let lacking = |(locale, has): (&Locale, &BTreeSet<String>)| {
        all.difference(has).map(|name| (*locale, name.clone())).collect::<Vec<_>>()
    };
    spoken.iter().flat_map(lacking).collect()
}

/// The keys of a file, and for each of their variables `key $variable`.
fn names(text: &str) -> BTreeSet<String> {
    let (mut names, mut key) = (BTreeSet::new(), "");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            key = line.split('=').next().unwrap_or_default().trim();
            names.insert(key.to_owned());
        }
        for variable in line.split('$').skip(1) {
            let end = variable.find(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c));
            let name = variable.get(..end.unwrap_or(variable.len())).unwrap_or_default();
            names.insert(format!("{key} ${name}"));
        }
    }
    names
}

fn language(
    locale: Locale,
    texts: impl Iterator<Item = &'static str>,
    fallback: Option<Arc<Words>>,
) -> Result<Words, WordsError> {
    let tag: unic_langid::LanguageIdentifier = locale.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(false);
    for text in texts {
        let resource = FluentResource::try_new(text.to_owned())
            .map_err(|(_, faults)| WordsError::Syntax(locale.code(), format!("{faults:?}")))?;
        bundle
            .add_resource(resource)
            .map_err(|faults| WordsError::Twice(locale.code(), format!("{faults:?}")))?;
    }
    Ok(Words { locale, bundle, fallback })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[Messages] = &[
        Messages {
            locale: Locale::Fr,
            text: "nights = { $n ->\n    [one] { $n } nuit\n   *[other] { $n } nuits\n}\nhello = Bonjour { $name }\n",
        },
        Messages { locale: Locale::En, text: "hello = Hello { $name }\n" },
    ];

    #[test]
    fn plurals_names_and_fallback() {
        let catalogue = Catalogue::new(&[FILES]).unwrap();
        let fr = catalogue.words(Locale::Fr);
        assert_eq!(fr.count("nights", 1), "1 nuit");
        assert_eq!(fr.count("nights", 0), "0 nuit");
        assert_eq!(fr.count("nights", 7), "7 nuits");
        let en = catalogue.words(Locale::En);
        assert_eq!(en.with("hello", &[("name", "Anne")]), "Hello Anne");
        assert_eq!(en.count("nights", 2), "2 nuits");
        assert_eq!(en.say("nothing"), "[nothing]");
        assert_eq!(catalogue.offered(), [Locale::Fr, Locale::En]);
        let lacking = ["nights", "nights $n"].map(|name| (Locale::En, name.to_owned()));
        assert_eq!(catalogue.missing(), lacking);
    }

    #[test]
    fn a_variable_of_another_name_is_found() {
        let file = |locale, text| Messages { locale, text };
        let list =
            [file(Locale::Fr, "due = { $sum } dus\n"), file(Locale::De, "due = { $summe }\n")];
        let missing = Catalogue::new(&[&list]).unwrap().missing().to_vec();
        assert_eq!(
            missing,
            [(Locale::Fr, "due $summe".to_owned()), (Locale::De, "due $sum".to_owned())]
        );
    }

    #[test]
    fn u_60_payers_are_offered_eight_languages_beside_the_two_of_staff() {
        let catalogue = Catalogue::new(&[crate::MESSAGES, FILES]).unwrap();
        assert_eq!(catalogue.offered(), Locale::ALL);
        assert_eq!(Catalogue::new(&[FILES]).unwrap().offered(), STAFF_LANGUAGES);
        assert_eq!(catalogue.words(Locale::De).with("hello", &[("name", "Anne")]), "Bonjour Anne");
    }

    #[test]
    fn the_frame_speaks_every_offered_language() {
        let catalogue = Catalogue::new(&[crate::MESSAGES]).unwrap();
        assert_eq!(catalogue.missing(), []);
    }
}
