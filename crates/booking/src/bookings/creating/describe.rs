//! What `POST /v1/bookings` takes and gives.

use http::openapi::{Once, Operation, id, link, list, may, must, object, text};
use payments::payment::elsewhere::MAX_REFERENCE_CHARACTERS;

use crate::carts::describe::{contact_body, unavailable};
use crate::carts::model::MAX_LINES;

/// Making one.
pub fn create(tag: &'static str) -> Operation {
    let reference = text().length(1, MAX_REFERENCE_CHARACTERS).or_null();
    let body = object([
        must("lines", list(link("StayWish")).count(1, MAX_LINES)),
        must("contact", contact_body()),
        may(
            "reference",
            reference.about(
                "Your own name of the booking, in its shop free again once it is called off; not \
                 `DOS-…`, not `bkg_…`.",
            ),
        ),
        may("shop", id("shop").or_null()),
        may("point_of_sale", id("pos").or_null()),
    ]);
    unavailable(
        Operation::new("POST", "/v1/bookings", "createBooking")
            .titled(tag, "Enter a booking sold elsewhere")
            .about(
                "The nights are taken at the price of now and the booking is firm; nothing is \
                 charged and no mail leaves. A card that waits in the vault under the same \
                 reference becomes the booking's, and is answered as `card`.",
            )
            .right("booking.edit")
            .leads_to(&["getBooking", "cancelBooking"])
            .once(Once::Required)
            .refuses(400, &["idempotency_key_invalid"])
            .body(body, None)
            .answer(201, "The booking, firm.", link("Booking"))
            .refuses(404, &["not_found"])
            .refuses(409, &["reference_taken", "shop_not_open"]),
    )
}
