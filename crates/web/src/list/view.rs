//! What `list.html` shows. A page of a list holds its `page`, its `shell` and a [`ListView`] in a
//! field called `list`, and includes the template.

use http::Words;

use super::search::Reading;
use super::seek::COUNT_ROWS;
use super::store::{Keys, RowHeight, SavedView, Settings};

/// A choice, as a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its words.
    pub words: String,
    /// The list with it.
    pub href: String,
    /// Whether it is the present one.
    pub on: bool,
}

/// A view as a tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Its words.
    pub words: String,
    /// The list.
    pub href: String,
    /// Whether it is the present one.
    pub on: bool,
    /// How many rows it has; empty when that is not known.
    pub count: String,
    /// Name under which the person saved it; empty for views of the house.
    pub saved: String,
}

/// Something the list is limited to, removable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// "Montant : 34,20 €".
    pub words: String,
    /// The list without it.
    pub without: String,
}

/// Choices of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they are about.
    pub title: String,
    /// The choices.
    pub choices: Vec<Choice>,
}

/// A field of the form of ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name of the parameter.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// `date` or `text`.
    pub kind: &'static str,
    /// What it holds.
    pub value: String,
    /// The values that can be chosen, each with its words; none: it is typed.
    pub options: Vec<(String, String)>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its words.
    pub title: String,
    /// Whether figures stand below it.
    pub figures: bool,
}

/// A state: a word, a shape and a colour, never the colour alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// The word.
    pub word: String,
    /// The icon.
    pub icon: &'static str,
    /// The colour's class.
    pub tone: &'static str,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Words.
    Text(String),
    /// Words and smaller ones below.
    Two(String, String),
    /// A reference that can be copied.
    Reference(String),
    /// Last four digits of a card and its brand.
    Card(String, String),
    /// A time for people and for machines.
    Time(String, String),
    /// A state.
    State(Chip),
    /// A figure.
    Figure(String),
}

impl Shown {
    /// The words as the heading of a row.
    #[must_use]
    pub fn heading(&self) -> &str {
        match self {
            Self::Text(text)
            | Self::Two(text, _)
            | Self::Reference(text)
            | Self::Card(text, _)
            | Self::Time(text, _)
            | Self::Figure(text) => text,
            Self::State(chip) => &chip.word,
        }
    }

    /// Whether it is copied letter by letter.
    #[must_use]
    pub const fn is_reference(&self) -> bool {
        matches!(self, Self::Reference(_))
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    /// Its id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// One for each heading.
    pub cells: Vec<Shown>,
    /// What stands under its name, of something that belongs to it.
    pub sign: Option<Sign>,
}

/// A shape with its words, and what is said on hover and by screen readers beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// The icon.
    pub icon: &'static str,
    /// The words.
    pub word: String,
    /// The words with the reason; empty when the words say it all.
    pub why: String,
}

impl RowView {
    /// What a person calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.cells.first().map_or(&self.id, Shown::heading)
    }
}

/// Totals in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalView {
    /// "12 paiements".
    pub count: String,
    /// What was summed and its sum.
    pub sums: Vec<(String, String)>,
}

/// Totals of the whole filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Totals {
    /// One per currency.
    Known(Vec<TotalView>),
    /// They are asked at this address, by the script or by a click.
    Elsewhere {
        /// For the script.
        data: String,
        /// For a click.
        page: String,
    },
}

/// Something that may be done to the rows that are ticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// Words of its button.
    pub words: String,
    /// The page that shows what it would do, asked with the ticked ids.
    pub href: &'static str,
}

/// A column that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChoice {
    /// Its name.
    pub name: String,
    /// Its words.
    pub title: String,
    /// Its place from 1; empty when it is not shown.
    pub place: String,
}

/// A form in which the list can be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatChoice {
    /// The word in the address.
    pub value: &'static str,
    /// Its words.
    pub words: String,
    /// Whether it is the one chosen last.
    pub on: bool,
}

/// Where a page of the list leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pager {
    /// The first page, when this is another.
    pub first: Option<String>,
    /// The next page.
    pub next: Option<String>,
    /// The page that looks further back, and how far this one looked.
    pub further: Option<(String, String)>,
}

/// Everything `list.html` shows.
#[derive(Debug, Clone)]
pub struct ListView {
    /// `/caisse`.
    pub path: &'static str,
    /// Where changes of this page are told.
    pub flow: String,
    /// The whole filter as the query of an address.
    pub query: String,
    /// Other lists that stand beside this one.
    pub beside: Vec<Choice>,
    /// Label of the search field.
    pub search_label: String,
    /// What may be typed into it.
    pub search_hint: String,
    /// What was typed.
    pub search: String,
    /// Filters that a search keeps, as hidden fields.
    pub kept: Vec<(&'static str, String)>,
    /// Views.
    pub tabs: Vec<Tab>,
    /// What the list is limited to.
    pub active: Vec<Active>,
    /// Other ways to read the search.
    pub readings: Vec<Choice>,
    /// Choices that stand open.
    pub open: Vec<Group>,
    /// Choices behind "more filters".
    pub folded: Vec<Group>,
    /// Fields of ranges, with the filters that they keep.
    pub fields: Vec<Field>,
    /// Filters that the form of ranges keeps.
    pub fields_kept: Vec<(&'static str, String)>,
    /// What was not understood; empty when all was.
    pub notice: String,
    /// Headings.
    pub heads: Vec<Head>,
    /// Rows of this page.
    pub rows: Vec<RowView>,
    /// Said when there are no rows.
    pub empty: String,
    /// Icon beside it.
    pub icon: &'static str,
    /// The same search in other lists.
    pub elsewhere: Vec<Choice>,
    /// Totals of the whole filter.
    pub totals: Totals,
    /// The list without any filter, when there is one.
    pub reset: Option<String>,
    /// Other pages.
    pub pager: Pager,
    /// Sizes of a page.
    pub sizes: Vec<Choice>,
    /// Columns that may be shown.
    pub columns: Vec<ColumnChoice>,
    /// Forms of an export; none when the person may not take the list away.
    pub formats: Vec<FormatChoice>,
    /// What may be done to several rows at once; none: rows have no box.
    pub bulk: Vec<Bulk>,
    /// How the person likes the list.
    pub settings: Settings,
}

impl ListView {
    /// Whether rows are low.
    #[must_use]
    pub fn is_dense(&self) -> bool {
        self.settings.rows == RowHeight::Dense
    }

    /// Whether letters move through the list.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.settings.keys == Keys::On
    }

    /// The heading of a cell, for narrow screens.
    #[must_use]
    pub fn label(&self, place: &usize) -> &str {
        self.heads.get(*place).map_or("", |head| head.title.as_str())
    }
}

/// A count on a tab; what is beyond the limit is said to be more.
#[must_use]
pub fn counted(count: i64) -> String {
    if count > i64::from(COUNT_ROWS) { format!("{COUNT_ROWS}+") } else { count.to_string() }
}

/// Columns chosen among all of a list: what the person set, as far as it is known, else the usual.
#[must_use]
pub fn chosen<'a>(settings: &Settings, all: &[&'a str], usual: &[&'a str]) -> Vec<&'a str> {
    let known = |name: &String| all.iter().copied().find(|column| column == name);
    let chosen: Vec<&str> = settings.shown.iter().filter_map(known).collect();
    if chosen.is_empty() { usual.to_vec() } else { chosen }
}

/// Tabs of the views a person saved.
#[must_use]
pub fn saved_tabs(path: &str, query: &str, saved: &[SavedView]) -> Vec<Tab> {
    let tab = |view: &SavedView| Tab {
        words: view.name.clone(),
        href: if view.query.is_empty() { path.into() } else { format!("{path}?{}", view.query) },
        on: view.query == query,
        count: String::new(),
        saved: view.name.clone(),
    };
    saved.iter().map(tab).collect()
}

/// Forms of an export, the one chosen last first marked.
#[must_use]
pub fn formats(words: &Words, last: &str) -> Vec<FormatChoice> {
    let last = documents::Format::parse(last).unwrap_or(documents::Format::Xlsx);
    let one = |format: &documents::Format| FormatChoice {
        value: format.as_str(),
        words: words.say(&format!("list-format-{}", format.as_str())),
        on: *format == last,
    };
    documents::Format::ALL.iter().map(one).collect()
}

/// The value of a reading as its chip says it.
#[must_use]
pub fn said(words: &Words, reading: &Reading) -> String {
    let locale = words.locale();
    let value = match reading {
        Reading::Amount(minor) => kernel::format::money(kernel::Money::eur(*minor), locale),
        Reading::Day(day) => kernel::format::date(*day, locale),
        Reading::Year(year) => year.to_string(),
        Reading::LastFour(text)
        | Reading::Email(text)
        | Reading::Id(text)
        | Reading::Text(text) => text.clone(),
    };
    words.with(reading.key(), &[("value", &value)])
}
