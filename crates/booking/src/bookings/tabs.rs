//! The parts of a booking's page, each under its own address.

use http::Words;

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Summary,
    Payments,
    Card,
    Journal,
}

/// A link to a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TabLink {
    pub(super) words: String,
    pub(super) href: String,
    pub(super) on: bool,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Summary, Self::Payments, Self::Card, Self::Journal];

    const fn word(self) -> &'static str {
        match self {
            Self::Summary => "resume",
            Self::Payments => "paiements",
            Self::Card => "carte",
            Self::Journal => "journal",
        }
    }

    /// Reads the word of an address; an unknown one is the summary.
    pub(super) fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.word() == word).unwrap_or(Self::Summary)
    }

    /// All parts of the booking at `href`, this one marked.
    pub(super) fn links(self, words: &Words, href: &str) -> Vec<TabLink> {
        let link = |tab: Self| TabLink {
            words: words.say(&format!("booking-tab-{}", tab.word())),
            href: match tab {
                Self::Summary => href.to_owned(),
                _ => format!("{href}?onglet={}", tab.word()),
            },
            on: tab == self,
        };
        Self::ALL.into_iter().map(link).collect()
    }

    pub(super) fn is(self, word: &str) -> bool {
        self.word() == word
    }
}
