//! Words of pages and mails: Fluent messages, one file per slice and language.
//!
//! A catalogue is put together once at start from the lists that slices export. A key that is
//! missing in a language falls back to French and is found by a test ([`Catalogue::missing`]).

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
    keys: BTreeSet<String>,
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
        self.keys.contains(key)
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
}

impl Catalogue {
    /// Puts the files of all slices together.
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
        Ok(Self { languages: Arc::new(languages), french })
    }

    /// The words of a language.
    #[must_use]
    pub fn words(&self, locale: Locale) -> Arc<Words> {
        Arc::clone(self.languages.get(&locale).unwrap_or(&self.french))
    }

    /// Languages that have words of their own, in the order of menus.
    #[must_use]
    pub fn offered(&self) -> Vec<Locale> {
        let full = |locale: &Locale| self.languages.get(locale).is_some_and(|w| !w.keys.is_empty());
        Locale::ALL.into_iter().filter(full).collect()
    }

    /// Keys that one offered language has and another lacks.
    #[must_use]
    pub fn missing(&self) -> Vec<(Locale, String)> {
        let offered = self.offered();
        let words = || offered.iter().filter_map(|l| self.languages.get(l));
        let all: BTreeSet<&String> = words().flat_map(|w| w.keys.iter()).collect();
        words()
            .flat_map(|w| {
                let absent = all.iter().filter(|key| !w.keys.contains(**key));
                absent.map(|key| (w.locale, (*key).clone())).collect::<Vec<_>>()
            })
            .collect()
    }
}

fn language(
    locale: Locale,
    texts: impl Iterator<Item = &'static str>,
    fallback: Option<Arc<Words>>,
) -> Result<Words, WordsError> {
    let tag: unic_langid::LanguageIdentifier = locale.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(false);
    let mut keys = BTreeSet::new();
    for text in texts {
        let resource = FluentResource::try_new(text.to_owned())
            .map_err(|(_, faults)| WordsError::Syntax(locale.code(), format!("{faults:?}")))?;
        for line in text.lines().filter(|l| l.starts_with(|c: char| c.is_ascii_lowercase())) {
            if let Some((key, _)) = line.split_once('=') {
                keys.insert(key.trim().to_owned());
            }
        }
        bundle
            .add_resource(resource)
            .map_err(|faults| WordsError::Twice(locale.code(), format!("{faults:?}")))?;
    }
    Ok(Words { locale, bundle, keys, fallback })
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
        assert_eq!(catalogue.missing(), [(Locale::En, "nights".to_owned())]);
    }

    #[test]
    fn the_frame_speaks_every_offered_language() {
        let catalogue = Catalogue::new(&[crate::MESSAGES]).unwrap();
        assert_eq!(catalogue.missing(), []);
    }
}
