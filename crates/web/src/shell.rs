//! The frame of staff pages: merchant, menu by rights, who is signed in.
//!
//! Templates extend `staff.html` of this crate and hold a [`Shell`] in a field called `shell`
//! and its page in a field called `page`.

use axum::http::Uri;
use http::assets::STAFF_SCRIPT;
use http::page::{Band, Logo};
use http::{Page, Words};
use kernel::{Mode, Right};
use std::sync::Arc;

use crate::{Context, MenuEntry};

/// Names the mode of the page in the address that its forms post to.
const SIDE: &str = "mode";

/// One entry of the menu as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    /// Its words.
    pub label: String,
    /// Its page.
    pub href: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Whether the page belongs to it.
    pub current: bool,
}

/// Who sees the page and where he may go.
#[derive(Debug, Clone)]
pub struct Shell {
    /// Name of the merchant.
    pub merchant: String,
    /// His logo, shown in the place of the name.
    pub logo: Option<Logo>,
    /// Name of the person.
    pub person: String,
    /// Role of the person, in words.
    pub role: String,
    /// Where he may go.
    pub menu: Vec<MenuItem>,
    /// Whether the head has the search for payments.
    pub searches: bool,
    /// Words of the way to his tasks; empty when he has none to see.
    pub tasks: String,
    /// The way to the merchant's shops of the other mode.
    pub twin: Option<Twin>,
    /// Ends the address of every form: the mode that the page was drawn in. Each tab says so where
    /// it stands, for the session turns all tabs at once.
    pub side: String,
}

/// The switch between a live shop and its test twin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// `live` or `test`, where it leads.
    pub mode: &'static str,
    /// Its words.
    pub label: String,
}

/// What identity knows of the person at the desk.
#[derive(Debug, Clone)]
pub struct Person {
    /// Name of the merchant.
    pub merchant: String,
    /// His logo.
    pub logo: Option<Logo>,
    /// Name of the person.
    pub name: String,
    /// Role, in words.
    pub role: String,
    /// Rights.
    pub rights: Vec<Right>,
    /// Live or test.
    pub mode: Mode,
    /// How many tasks wait that he may see.
    pub tasks: i64,
    /// The mode of the merchant's other shops, when he has such.
    pub twin: Option<Mode>,
}

impl Shell {
    /// The frame for a person; `here` is the path of the page. A place inside another place of
    /// the menu is an entry of its own only for who may not enter the other.
    #[must_use]
    pub fn new(words: &Words, entries: &[MenuEntry], person: &Person, here: &str) -> Self {
        let mut entries: Vec<&MenuEntry> =
            entries.iter().filter(|entry| person.rights.contains(&entry.right)).collect();
        entries.sort_by_key(|entry| entry.order);
        let inside = |href: &str| here == href || (href != "/" && here.starts_with(href));
        let wider = |entry: &MenuEntry| {
            let above = entries.iter().filter(|other| other.href != entry.href);
            above.map(|other| other.href).any(|href| is_within(entry.href, href))
        };
        let entries: Vec<&MenuEntry> =
            entries.iter().copied().filter(|entry| !wider(entry)).collect();
        let menu = entries
            .into_iter()
            .map(|entry| MenuItem {
                label: words.say(entry.label),
                href: entry.href,
                icon: entry.icon,
                current: inside(entry.href),
            })
            .collect();
        Self {
            merchant: person.merchant.clone(),
            logo: person.logo.clone(),
            person: person.name.clone(),
            role: person.role.clone(),
            menu,
            searches: person.rights.contains(&Right::PaymentsRead),
            tasks: tasks(words, person),
            side: format!("?{SIDE}={}", person.mode.as_str()),
            twin: person.twin.map(|mode| Twin {
                mode: mode.as_str(),
                label: words.say(match mode {
                    Mode::Live => "shell-to-live",
                    Mode::Test => "shell-to-test",
                }),
            }),
        }
    }

    /// Counts the person's tasks anew.
    pub fn count_tasks(&mut self, words: &Words, person: &Person) {
        self.tasks = tasks(words, person);
    }
}

fn tasks(words: &Words, person: &Person) -> String {
    let sees = person.rights.contains(&Right::HomeView);
    if sees { words.count("shell-tasks", person.tasks) } else { String::new() }
}

/// The mode of the page that a form was posted from, as [`Shell::side`] wrote it.
#[must_use]
pub fn posted_from(uri: &Uri) -> Option<Mode> {
    let pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    let mut sides = pairs.filter(|(name, _)| *name == SIDE);
    sides.find_map(|(_, mode)| Mode::parse(mode))
}

/// Whether one address of the menu lies inside another; everything lies inside `/`, which does
/// not count.
fn is_within(href: &str, other: &str) -> bool {
    other != "/" && href.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'))
}

/// The page itself: title, band of the mode, language menu, script.
#[must_use]
pub fn page(
    ctx: &Context,
    words: Arc<Words>,
    title: impl Into<String>,
    person: &Person,
    here: &str,
) -> Page {
    let band = match (ctx.demo, person.mode) {
        (true, _) => Band::Demo,
        (false, Mode::Test) => Band::Test,
        (false, Mode::Live) => Band::None,
    };
    Page::new(words, title, person.merchant.clone())
        .band(band)
        .script(&STAFF_SCRIPT)
        .languages(&[kernel::Locale::Fr, kernel::Locale::En], here)
}
