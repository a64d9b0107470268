//! What a lodging has, as words of a closed list: they are translated, filtered and exported.

use serde::{Deserialize, Serialize};

/// Every word, in the order in which forms and pages list them.
pub const WORDS: [&str; 20] = [
    "wifi",
    "private_bathroom",
    "bathtub",
    "television",
    "desk",
    "kettle",
    "hair_dryer",
    "safe",
    "air_conditioning",
    "kitchen",
    "washing_machine",
    "cot",
    "balcony",
    "terrace",
    "garden",
    "pool",
    "parking",
    "lift",
    "step_free",
    "pets_welcome",
];

/// The words that are true of a lodging, in the order of [`WORDS`], each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Equipment(Vec<&'static str>);

/// A word that is not in the list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a word for equipment")]
pub struct UnknownWord;

impl Equipment {
    /// Reads words in any order.
    ///
    /// # Errors
    /// [`UnknownWord`].
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownWord> {
        let asked: Vec<&str> = words.into_iter().collect();
        if asked.iter().any(|word| !WORDS.contains(word)) {
            return Err(UnknownWord);
        }
        Ok(Self(WORDS.into_iter().filter(|word| asked.contains(word)).collect()))
    }

    /// The words.
    #[must_use]
    pub fn words(&self) -> &[&'static str] {
        &self.0
    }

    /// Whether it is there.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.0.contains(&word)
    }

    /// The key of a word's translation.
    #[must_use]
    pub fn key(word: &str) -> String {
        format!("equipment-{}", word.replace('_', "-"))
    }
}

impl TryFrom<Vec<String>> for Equipment {
    type Error = UnknownWord;
    fn try_from(words: Vec<String>) -> Result<Self, UnknownWord> {
        Self::new(words.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l_48_equipment_is_of_a_closed_list_and_has_words() {
        let some = Equipment::new(["pool", "wifi", "pool"]).unwrap();
        assert_eq!(some.words(), ["wifi", "pool"]);
        assert_eq!(serde_json::to_string(&some).unwrap(), r#"["wifi","pool"]"#);
        assert!(Equipment::new(["dragon"]).is_err());
        assert!(serde_json::from_str::<Equipment>(r#"["dragon"]"#).is_err());
        let catalogue = crate::testing::catalogue();
        let french = catalogue.words(kernel::Locale::Fr);
        assert!(WORDS.iter().all(|word| french.has(&Equipment::key(word))));
    }
}
