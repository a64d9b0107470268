//! Places that the vault cannot see from its sandbox, searched by the command that asked.

use std::path::Path;

use vault_wire::{Needles, Searched};

use super::needle::Hunter;
use super::places::Search;

/// Searches a folder or a file, but not the folder `except`, for what a drill left marks of.
#[must_use]
pub fn search_outside(needles: &Needles, (place, path): (&str, &Path), except: &Path) -> Searched {
    let Some(hunter) = Hunter::of(needles) else {
        let unread = vec!["the marks cannot be read".to_owned()];
        return Searched { place: place.to_owned(), unread, ..Searched::default() };
    };
    let mut search = Search::of(place, &hunter);
    search.folder_without(path, Some(except));
    search.done()
}
