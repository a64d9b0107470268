//! Values as both engines store them, and rows read back by column name.

use std::sync::Arc;

use kernel::time::Date;
use kernel::{Currency, Id, Timestamp};

use crate::DbError;

/// One stored value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Val {
    /// Nothing.
    Null,
    /// Minor units, microseconds, counts, 0 or 1.
    Int(i64),
    /// Text, dates, JSON.
    Text(String),
    /// Ids, hashes, sealed bytes.
    Blob(Vec<u8>),
}

/// Parameters of a statement, each turned into a [`Val`].
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { ::std::vec::Vec::<$crate::Val>::from([$($crate::Val::from($value)),*]) };
}

macro_rules! from_int {
    ($($t:ty),+) => {$(impl From<$t> for Val {
        fn from(value: $t) -> Self { Self::Int(i64::from(value)) }
    })+};
}
from_int!(i64, i32, u32, u16, u8, bool);

impl From<&str> for Val {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Val {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<&String> for Val {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}
impl From<Vec<u8>> for Val {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}
impl From<&[u8]> for Val {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}
impl<const N: usize> From<[u8; N]> for Val {
    fn from(value: [u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}
impl<const N: usize> From<&[u8; N]> for Val {
    fn from(value: &[u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}
impl From<Timestamp> for Val {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_micros())
    }
}
impl From<Date> for Val {
    fn from(value: Date) -> Self {
        Self::Text(value.to_string())
    }
}
impl From<Currency> for Val {
    fn from(value: Currency) -> Self {
        Self::Text(value.code().to_owned())
    }
}
impl From<Id> for Val {
    fn from(value: Id) -> Self {
        Self::Blob(value.as_bytes().to_vec())
    }
}
impl<T: Into<Self>> From<Option<T>> for Val {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A type that can be read back from a column.
pub trait FromVal: Sized {
    /// The value, or `None` when it is of another kind.
    fn from_val(value: &Val) -> Option<Self>;
}

impl FromVal for i64 {
    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Int(number) => Some(*number),
            _ => None,
        }
    }
}
macro_rules! read_int {
    ($($t:ty),+) => {$(impl FromVal for $t {
        fn from_val(value: &Val) -> Option<Self> {
            i64::from_val(value).and_then(|n| n.try_into().ok())
        }
    })+};
}
read_int!(i32, u32, u16, u8, usize);

impl FromVal for bool {
    fn from_val(value: &Val) -> Option<Self> {
        i64::from_val(value).map(|n| n != 0)
    }
}
impl FromVal for String {
    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}
impl FromVal for Vec<u8> {
    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Blob(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}
impl<const N: usize> FromVal for [u8; N] {
    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Blob(bytes) => bytes.as_slice().try_into().ok(),
            _ => None,
        }
    }
}
impl FromVal for Timestamp {
    fn from_val(value: &Val) -> Option<Self> {
        i64::from_val(value).map(Self::from_micros)
    }
}
impl FromVal for Date {
    fn from_val(value: &Val) -> Option<Self> {
        String::from_val(value)?.parse().ok()
    }
}
impl FromVal for Currency {
    fn from_val(value: &Val) -> Option<Self> {
        String::from_val(value)?.parse().ok()
    }
}
impl FromVal for Id {
    fn from_val(value: &Val) -> Option<Self> {
        <[u8; 16]>::from_val(value).map(Self::from_bytes)
    }
}
impl<T: FromVal> FromVal for Option<T> {
    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Null => Some(None),
            other => T::from_val(other).map(Some),
        }
    }
}

macro_rules! stored_ids {
    ($($name:ident),+ $(,)?) => {$(
        impl From<kernel::$name> for Val {
            fn from(id: kernel::$name) -> Self { id.id().into() }
        }
        impl FromVal for kernel::$name {
            fn from_val(value: &Val) -> Option<Self> { Id::from_val(value).map(Into::into) }
        }
    )+};
}
stored_ids!(
    MerchantId,
    ShopId,
    PointOfSaleId,
    UserId,
    ApiKeyId,
    CardToken,
    CaptureId,
    ViewerId,
    RevealLinkId,
    PartnerId,
    ProxyProfileId,
    PaymentId,
    AuthenticationLinkId,
    CardRequestId,
    ChargebackId,
    OperationId,
    ContractId,
    ConnectorAccountId,
    LedgerAccountId,
    LedgerTxId,
    HoldId,
    CartId,
    BookingId,
    LodgingId,
    FormulaId,
    TariffId,
    PhotoId,
    CustomerId,
    EventId,
    JobId,
    MessageId,
    ApprovalId,
    AuditId,
    WebhookEndpointId,
    DeliveryId,
    RuleId,
    VerificationId,
);

/// A row read back.
#[derive(Debug, Clone)]
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Val>,
}

impl Row {
    pub(crate) fn new(columns: Arc<[String]>, values: Vec<Val>) -> Self {
        Self { columns, values }
    }

    /// The value of a column.
    ///
    /// # Errors
    /// [`DbError::Corrupt`] when the column is missing or of another type.
    pub fn get<T: FromVal>(&self, column: &str) -> Result<T, DbError> {
        self.columns
            .iter()
            .position(|name| name == column)
            .and_then(|at| self.values.get(at))
            .and_then(T::from_val)
            .ok_or_else(|| DbError::Corrupt(format!("column {column}")))
    }

    /// Names of its columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Its values, in the order of its columns.
    #[must_use]
    pub fn values(&self) -> &[Val] {
        &self.values
    }

    /// The row without its last column.
    pub(crate) fn without_last(&self) -> Self {
        let most = self.values.len().saturating_sub(1);
        Self {
            columns: self.columns.iter().take(most).cloned().collect(),
            values: self.values.iter().take(most).cloned().collect(),
        }
    }

    /// The value of the first column, for sums and counts.
    ///
    /// # Errors
    /// [`DbError::Corrupt`] when it is of another type.
    pub fn first<T: FromVal>(&self) -> Result<T, DbError> {
        let value = self.values.first().and_then(T::from_val);
        value.ok_or_else(|| DbError::Corrupt("first column".into()))
    }
}
