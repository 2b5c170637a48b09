// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QColor>
#include <QObject>
#include <QPalette>
#include <QString>

class QApplication;
class QDBusVariant;

namespace nodetune {

// Spacing of everything in the window: multiples of 8 logical pixels, half a step inside rows.
constexpr int kGrid = 8;
constexpr int kPartSpacing = kGrid * 3 / 2;  // between the parts of a page
constexpr int kCardRadius = 8;

// True when text is lighter than its background.
bool is_dark(const QPalette& palette);

// The Okabe–Ito colours, lightened or darkened until they stand out (contrast >= 3) on the card
// of that theme. Any index is valid: it wraps around; -1 is the neutral grey of context,
// -2 a stronger one beside it.
constexpr int kSeriesColours = 7;
QColor series_colour(int index, bool dark);

// What a figure means. Never shown by colour alone: put tone_symbol() or words beside it.
enum class Tone { neutral, good, warn, bad };
QColor tone_colour(Tone tone, bool dark);
// "", "✓", "!", "✕".
QString tone_symbol(Tone tone);

// Colours derived from the palette, so that a desktop's own scheme is respected.
QColor card_colour(const QPalette& palette);
QColor card_border_colour(const QPalette& palette);
QColor grid_colour(const QPalette& palette);
QColor dim_text_colour(const QPalette& palette);
// `share` (0 to 1) of `over`, the rest of `under`.
QColor mix(const QColor& under, const QColor& over, double share);
// WCAG 2 contrast ratio, 1 to 21.
double contrast(const QColor& a, const QColor& b);

// Complete Fusion palettes for the explicit choices.
QPalette light_palette();
QPalette dark_palette();

enum class ThemeMode { follow_desktop, light, dark };

// Sets the application's palette and style. Widgets learn of it through
// changeEvent(PaletteChange); nothing else needs to be connected.
//
// Following the desktop: its palette stands where it has one (KDE and others); where Qt 6.4 sees
// only the default light palette, the desktop portal's org.freedesktop.appearance decides.
// Thread: GUI. Lifetime: not longer than the application.
class Theme : public QObject {
  Q_OBJECT
 public:
  explicit Theme(QApplication* application, QObject* parent = nullptr);

  void set_mode(ThemeMode mode);
  ThemeMode mode() const { return mode_; }
  bool dark() const;

 private slots:
  void portal_setting_changed(const QString& group, const QString& key, const QDBusVariant& value);

 private:
  void ask_portal();
  void apply();

  QApplication* application_;
  QString desktop_style_;
  QPalette desktop_palette_;
  bool portal_prefers_dark_ = false;
  ThemeMode mode_ = ThemeMode::follow_desktop;
};

}  // namespace nodetune
