//! Plots as a page: one file, with its data and pictures inside.
//!
//! The library that draws comes from the network, as on DVC's page, in fixed versions whose digests the browser checks.
//! Without it the page shows the drawings of [`text`](super::text).

use std::fmt::Write as _;

use lockgate_spanned::{Charset, Style};
use serde_json::Value as Json;

use super::{Chart, Content, Image, Plot, template, text};

/// The scripts and the SHA-384 digests of their bytes.
const SCRIPTS: [(&str, &str); 3] = [
    ("vega@5.33.1/build/vega.min.js", "NMXhl2TbCXxcN7o4ROC56Funm78m4AylL8gMg/7Kn4YU+wrm23K9l7cY8lDRXQ9d"),
    ("vega-lite@5.23.0/build/vega-lite.min.js", "D9LYH0esGjcxQJsBuxOuXtCDJGXRWW1+KhluzWPqi0rLJmiR/ygPChefaD+rFFDQ"),
    ("vega-embed@6.29.0/build/vega-embed.min.js", "M+Ax7e/WFJpxSOF09HzI+Sj4wg9ottVd/uxmV2ItGGh02fLH28t2FAOJx3TJBap5"),
];

const STYLE: &str = "\
body { font-family: sans-serif; margin: 2em; }
section { margin-bottom: 2em; }
figure { display: inline-block; margin: 0 1em 1em 0; }
img { max-width: 100%; border: 1px solid #ccc; }
pre { font-size: 0.8em; line-height: 1.1; }";

/// How the drawings look that the page shows without the network.
const OFFLINE: Style = Style { width: 100, colour: false, charset: Charset::Unicode };

/// Writes the page of some plots.
pub fn page(plots: &[Plot]) -> String {
    let mut page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Plots</title>\n".to_owned();
    for (path, digest) in SCRIPTS {
        let from = format!("https://cdn.jsdelivr.net/npm/{path}");
        put(
            &mut page,
            format_args!("<script src=\"{from}\" integrity=\"sha384-{digest}\" crossorigin=\"anonymous\"></script>\n"),
        );
    }
    put(&mut page, format_args!("<style>\n{STYLE}\n</style>\n</head>\n<body>\n"));
    for (at, plot) in plots.iter().enumerate() {
        put(&mut page, format_args!("<section>\n<h2>{}</h2>\n", escaped(&plot.id)));
        match &plot.content {
            Content::Chart(chart) => put_chart(&mut page, at, chart),
            Content::Images(images) => images.iter().for_each(|image| put_image(&mut page, image)),
        }
        page.push_str("</section>\n");
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn put(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).expect("a string takes everything");
}

fn put_chart(page: &mut String, at: usize, chart: &Chart) {
    let offline = text::chart(chart, OFFLINE);
    let offline = offline.as_deref().unwrap_or("This plot is drawn with the network only.\n");
    put(page, format_args!("<div id=\"plot-{at}\"><pre>{}</pre></div>\n", escaped(offline)));
    let spec = in_script(&template::spec(chart));
    put(page, format_args!("<script>if (window.vegaEmbed) vegaEmbed(\"#plot-{at}\", {spec});</script>\n"));
}

fn put_image(page: &mut String, image: &Image) {
    let name = escaped(&image.revision);
    let source = data_url(image);
    put(page, format_args!("<figure><figcaption>{name}</figcaption><img alt=\"{name}\" src=\"{source}\"></figure>\n"));
}

/// Returns the picture as a URL that holds it.
pub fn data_url(image: &Image) -> String {
    format!("data:{};base64,{}", image.media, base64(&image.bytes))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        for place in 0..4 {
            let is_filled = place <= chunk.len();
            text.push(if is_filled { char::from(DIGITS[bits >> (18 - 6 * place) & 63]) } else { '=' });
        }
    }
    text
}

/// Text between tags, or in quotes inside of one.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// JSON that cannot end the script it stands in.
fn in_script(value: &Json) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::super::template::tests::chart;
    use super::*;

    #[test]
    fn a_page_holds_all_that_it_shows() {
        let images = vec![Image { revision: "HEAD".to_owned(), media: "image/png", bytes: b"\x89PN".to_vec() }];
        let plots = [
            Plot {
                id: "</h2><b>".to_owned(),
                content: Content::Chart(Box::new(Chart { title: "</script>".to_owned(), ..chart("bar_horizontal") })),
            },
            Plot { id: "a.png".to_owned(), content: Content::Images(images) },
        ];
        let page = page(&plots);
        let body = page.split_once("<body>").expect("it has one").1;
        insta::assert_snapshot!(body, @r##"

        <section>
        <h2>&lt;/h2&gt;&lt;b&gt;</h2>
        <div id="plot-0"><pre>&lt;/script&gt;
        0    0
        1   ****************************************** 1
        2   ************************************************************************************ 2
        1    0
        1   ++++++++++++++++++++++++++++++++++++++++++ 1
        1   ++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++ 2
        0    0
        -2  oooooooooooooooooooooooooooooooooooooooooo 1
        -4  oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo 2
        -2   0
        -2  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 1
        -2  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 2
          * workspace loss
          + workspace a.b
          o HEAD loss
          x HEAD a.b
        </pre></div>
        <script>if (window.vegaEmbed) vegaEmbed("#plot-0", {"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"values":[{"t":0,"loss":0,"a.b":1,"dvc_inferred_y_value":0,"rev":"workspace","field":"loss"},{"t":1,"loss":1,"a.b":1,"dvc_inferred_y_value":1,"rev":"workspace","field":"loss"},{"t":2,"loss":2,"a.b":1,"dvc_inferred_y_value":2,"rev":"workspace","field":"loss"},{"t":0,"loss":0,"a.b":1,"dvc_inferred_y_value":1,"rev":"workspace","field":"a.b"},{"t":1,"loss":1,"a.b":1,"dvc_inferred_y_value":1,"rev":"workspace","field":"a.b"},{"t":2,"loss":2,"a.b":1,"dvc_inferred_y_value":1,"rev":"workspace","field":"a.b"},{"t":0,"loss":0,"a.b":-2,"dvc_inferred_y_value":0,"rev":"HEAD","field":"loss"},{"t":1,"loss":-2,"a.b":-2,"dvc_inferred_y_value":-2,"rev":"HEAD","field":"loss"},{"t":2,"loss":-4,"a.b":-2,"dvc_inferred_y_value":-4,"rev":"HEAD","field":"loss"},{"t":0,"loss":0,"a.b":-2,"dvc_inferred_y_value":-2,"rev":"HEAD","field":"a.b"},{"t":1,"loss":-2,"a.b":-2,"dvc_inferred_y_value":-2,"rev":"HEAD","field":"a.b"},{"t":2,"loss":-4,"a.b":-2,"dvc_inferred_y_value":-2,"rev":"HEAD","field":"a.b"}]},"title":{"text":"\u003c/script>","anchor":"middle"},"width":300,"height":300,"mark":{"type":"bar","tooltip":{"content":"data"}},"encoding":{"x":{"field":"t","type":"quantitative","title":"t"},"y":{"field":"dvc_inferred_y_value","type":"nominal","title":"y","sort":null},"yOffset":{"field":"rev","sort":[]},"color":{"field":"rev","type":"nominal","scale":{"domain":["workspace","HEAD"],"range":["#945dd6","#13adc7"]}},"column":{"field":"field","type":"nominal","sort":[]}}});</script>
        </section>
        <section>
        <h2>a.png</h2>
        <figure><figcaption>HEAD</figcaption><img alt="HEAD" src="data:image/png;base64,iVBO"></figure>
        </section>
        </body>
        </html>
        "##);
    }

    #[test]
    fn bytes_are_written_in_base_64() {
        let check = |bytes: &str, expect: &str| assert_eq!(base64(bytes.as_bytes()), expect);
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foobar", "Zm9vYmFy");
    }
}
