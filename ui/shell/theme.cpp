// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/theme.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFileInfo>
#include <QStyle>
#include <array>
#include <cmath>

namespace nodetune {
namespace {

constexpr const char* kPortalService = "org.freedesktop.portal.Desktop";
constexpr const char* kPortalPath = "/org/freedesktop/portal/desktop";
constexpr const char* kPortalSettings = "org.freedesktop.portal.Settings";
constexpr const char* kAppearance = "org.freedesktop.appearance";
constexpr const char* kColourScheme = "color-scheme";
constexpr uint kPreferDark = 1;         // of 0 no preference, 1 dark, 2 light
constexpr int kPortalTimeoutMs = 1000;  // the answer comes asynchronously

// blue, vermilion, bluish green, orange, reddish purple, sky blue, yellow
constexpr std::array<QRgb, kSeriesColours> kOnLight = {0x0072B2, 0xD55E00, 0x008F68, 0xB67C00,
                                                       0xBC5E92, 0x2F8FCB, 0x8A8000};
constexpr std::array<QRgb, kSeriesColours> kOnDark = {0x4AA3E0, 0xF0773A, 0x1FC296, 0xE69F00,
                                                      0xDB8FBB, 0x9AD6FA, 0xF0E442};

double linear(double channel) {
  return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& colour) {
  return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) +
         0.0722 * linear(colour.blueF());
}

struct PaletteColours {
  QRgb window, base, alternate, text, dim, button, border, highlight, highlighted_text, link;
};

QPalette make_palette(const PaletteColours& c) {
  QPalette palette;
  const auto set = [&palette](QPalette::ColorRole role, QRgb rgb) {
    palette.setColor(QPalette::All, role, QColor(rgb));
  };
  const QColor window(c.window);
  const QColor border(c.border);
  set(QPalette::Window, c.window);
  set(QPalette::WindowText, c.text);
  set(QPalette::Base, c.base);
  set(QPalette::AlternateBase, c.alternate);
  set(QPalette::ToolTipBase, c.base);
  set(QPalette::ToolTipText, c.text);
  set(QPalette::PlaceholderText, c.dim);
  set(QPalette::Text, c.text);
  set(QPalette::Button, c.button);
  set(QPalette::ButtonText, c.text);
  set(QPalette::BrightText, c.highlighted_text);
  set(QPalette::Highlight, c.highlight);
  set(QPalette::HighlightedText, c.highlighted_text);
  set(QPalette::Link, c.link);
  set(QPalette::LinkVisited, c.link);
  set(QPalette::Light, mix(QColor(c.button), Qt::white, 0.15).rgb());
  set(QPalette::Midlight, mix(QColor(c.button), Qt::white, 0.08).rgb());
  set(QPalette::Mid, border.rgb());
  set(QPalette::Dark, mix(border, Qt::black, 0.2).rgb());
  set(QPalette::Shadow, mix(window, Qt::black, 0.6).rgb());
  const QColor disabled = mix(QColor(c.window), QColor(c.text), 0.42);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText,
                          QPalette::HighlightedText, QPalette::Link}) {
    palette.setColor(QPalette::Disabled, role, disabled);
  }
  palette.setColor(QPalette::Disabled, QPalette::Highlight, border);
  return palette;
}

// Asking for a session bus that is not there may start one; never do that for a colour.
bool has_session_bus() {
  if (!qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")) return true;
  const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
  return !runtime.isEmpty() && QFileInfo::exists(runtime + QStringLiteral("/bus"));
}

uint scheme_of(QVariant value) {
  // Read() wraps the figure in two variants, SettingChanged in one.
  while (value.canConvert<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
  return value.toUInt();
}

}  // namespace

bool is_dark(const QPalette& palette) {
  return luminance(palette.color(QPalette::Window)) <
         luminance(palette.color(QPalette::WindowText));
}

QColor series_colour(int index, bool dark) {
  if (index < -1) return QColor(dark ? QRgb{0xDDE2E8} : QRgb{0x3B434D});
  if (index < 0) return QColor(dark ? QRgb{0x9AA3AE} : QRgb{0x6B7480});
  const auto slot = static_cast<std::size_t>(index % kSeriesColours);
  return QColor(dark ? kOnDark[slot] : kOnLight[slot]);
}

QColor tone_colour(Tone tone, bool dark) {
  switch (tone) {
    case Tone::neutral:
      return series_colour(-1, dark);
    case Tone::good:
      return series_colour(2, dark);
    case Tone::warn:
      return series_colour(3, dark);
    case Tone::bad:
      return QColor(dark ? QRgb{0xF2705C} : QRgb{0xC23B22});
  }
  return {};
}

QString tone_symbol(Tone tone) {
  switch (tone) {
    case Tone::neutral:
      return {};
    case Tone::good:
      return QStringLiteral("✓");
    case Tone::warn:
      return QStringLiteral("!");
    case Tone::bad:
      return QStringLiteral("✕");
  }
  return {};
}

QColor mix(const QColor& under, const QColor& over, double share) {
  const auto blend = [share](float a, float b) {
    return static_cast<float>(a * (1 - share) + b * share);
  };
  return QColor::fromRgbF(blend(under.redF(), over.redF()), blend(under.greenF(), over.greenF()),
                          blend(under.blueF(), over.blueF()));
}

double contrast(const QColor& a, const QColor& b) {
  const double first = luminance(a) + 0.05;
  const double second = luminance(b) + 0.05;
  return first > second ? first / second : second / first;
}

QColor card_colour(const QPalette& palette) {
  const QColor base = palette.color(QPalette::Base);
  const QColor window = palette.color(QPalette::Window);
  // Some dark schemes sink the base below the window; a card rises above it.
  if (is_dark(palette) && luminance(base) <= luminance(window)) return mix(window, Qt::white, 0.05);
  return base;
}

QColor card_border_colour(const QPalette& palette) {
  return mix(card_colour(palette), palette.color(QPalette::WindowText), 0.16);
}

QColor grid_colour(const QPalette& palette) {
  return mix(card_colour(palette), palette.color(QPalette::WindowText), 0.10);
}

QColor dim_text_colour(const QPalette& palette) {
  return mix(card_colour(palette), palette.color(QPalette::WindowText), 0.66);
}

QPalette light_palette() {
  return make_palette({.window = 0xF3F4F6,
                       .base = 0xFFFFFF,
                       .alternate = 0xF7F8FA,
                       .text = 0x1B1F24,
                       .dim = 0x6B7280,
                       .button = 0xECEEF1,
                       .border = 0xC9CDD3,
                       .highlight = 0x0B66AE,
                       .highlighted_text = 0xFFFFFF,
                       .link = 0x0B66AE});
}

QPalette dark_palette() {
  return make_palette({.window = 0x191C20,
                       .base = 0x22262C,
                       .alternate = 0x272C33,
                       .text = 0xE6E8EB,
                       .dim = 0x98A1AC,
                       .button = 0x2D323A,
                       .border = 0x414852,
                       .highlight = 0x2F7FC4,
                       .highlighted_text = 0xFFFFFF,
                       .link = 0x6DB5EE});
}

Theme::Theme(QApplication* application, QObject* parent)
    : QObject(parent),
      application_(application),
      desktop_style_(QApplication::style()->objectName()),
      desktop_palette_(QApplication::palette()) {
  ask_portal();
}

void Theme::set_mode(ThemeMode mode) {
  mode_ = mode;
  apply();
}

bool Theme::dark() const {
  switch (mode_) {
    case ThemeMode::follow_desktop:
      return portal_prefers_dark_ || is_dark(desktop_palette_);
    case ThemeMode::light:
      return false;
    case ThemeMode::dark:
      return true;
  }
  return false;
}

void Theme::apply() {
  const bool desktop_has_it =
      mode_ == ThemeMode::follow_desktop && dark() == is_dark(desktop_palette_);
  const bool fusion = desktop_style_.compare(QLatin1String("fusion"), Qt::CaseInsensitive) == 0;
  if (desktop_has_it && !fusion) {
    QApplication::setStyle(desktop_style_);
    QApplication::setPalette(desktop_palette_);
    return;
  }
  if (QApplication::style()->objectName() != QLatin1String("fusion")) {
    QApplication::setStyle(QStringLiteral("fusion"));
  }
  QApplication::setPalette(dark() ? dark_palette() : light_palette());
}

void Theme::ask_portal() {
  if (!has_session_bus()) return;
  auto bus = QDBusConnection::sessionBus();
  if (!bus.isConnected()) return;
  bus.connect(kPortalService, kPortalPath, kPortalSettings, QStringLiteral("SettingChanged"), this,
              SLOT(portal_setting_changed(QString, QString, QDBusVariant)));
  auto call = QDBusMessage::createMethodCall(kPortalService, kPortalPath, kPortalSettings,
                                             QStringLiteral("Read"));
  call << QString::fromLatin1(kAppearance) << QString::fromLatin1(kColourScheme);
  auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(call, kPortalTimeoutMs), this);
  connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* done) {
    const QDBusPendingReply<QDBusVariant> reply = *done;
    done->deleteLater();
    if (!reply.isError()) {
      portal_setting_changed(QString::fromLatin1(kAppearance), QString::fromLatin1(kColourScheme),
                             reply.value());
    }
  });
}

void Theme::portal_setting_changed(const QString& group, const QString& key,
                                   const QDBusVariant& value) {
  if (group != QLatin1String(kAppearance) || key != QLatin1String(kColourScheme)) return;
  const bool prefers_dark = scheme_of(QVariant::fromValue(value)) == kPreferDark;
  if (prefers_dark == portal_prefers_dark_) return;
  portal_prefers_dark_ = prefers_dark;
  if (mode_ == ThemeMode::follow_desktop) apply();
}

}  // namespace nodetune
