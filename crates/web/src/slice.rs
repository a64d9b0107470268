//! What a slice exports to `app`: reading the list of slices is reading the product.

use db::Migration;
use http::words::Messages;
use kernel::Right;

/// One entry of the staff menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MenuEntry {
    /// Key of its words.
    pub label: &'static str,
    /// Its page.
    pub href: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Who lacks this right does not see it.
    pub right: Right,
    /// Place in the menu, smallest first.
    pub order: u8,
}

/// The fixed parts of a slice; its routes, jobs and subscribers are wired in `app`.
#[derive(Debug, Clone, Copy)]
pub struct Slice {
    /// Folder name.
    pub name: &'static str,
    /// Its tables.
    pub migrations: &'static [Migration],
    /// Its words.
    pub messages: &'static [Messages],
    /// Its places in the staff menu.
    pub menu: &'static [MenuEntry],
}
