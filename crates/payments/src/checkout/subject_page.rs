//! What payer and staff pages may say of the thing that is paid for.

use kernel::Timestamp;

/// Words of a booking, basket or order, in the language of the page. All fields may be empty:
/// the lines of the payment itself are always shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectPage {
    /// What it is: "Séjour du 12 au 14 juin 2026".
    pub title: String,
    /// Label and value, such as arrival, departure, guests.
    pub facts: Vec<(String, String)>,
    /// What happens next, one sentence each; shown on the receipt.
    pub next: Vec<String>,
    /// Until when the place is held, while it is not paid.
    pub hold_until: Option<Timestamp>,
    /// The page from which the payer came: a path of the app or a whole address.
    pub back_url: Option<String>,
    /// Text of a calendar file (RFC 5545), once there is something to note.
    pub calendar: Option<String>,
    /// The staff page of it, such as `/reservations/bkg_…`.
    pub staff_url: Option<String>,
    /// The payer's own page of it, where he sees who saw his card: a path of the app.
    pub mine_url: Option<String>,
    /// Its number for people, such as `DOS-2026-000123`.
    pub number: Option<String>,
}
