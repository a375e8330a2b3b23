namespace UeventManager.Plot;

/// <summary>Puts the SVG into one HTML file with search and zoom, which loads nothing from a network.</summary>
internal static class HtmlPlot
{
    private const string Head = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
        <link rel="icon" href="data:,">
        """;

    private const string Body = """
        <style>:root{color-scheme:light dark} body{margin:0;font:14px system-ui,sans-serif;background:Canvas;color:CanvasText} nav{position:sticky;top:0;left:0;display:flex;gap:8px;align-items:center;padding:8px 12px;background:Canvas;border-bottom:1px solid GrayText} main{overflow:auto} input{flex:0 1 320px} svg{display:block}</style></head>
        <body><nav><label>Find <input id="find" type="search" placeholder="part of a devpath"></label><button id="in">Zoom in</button><button id="out">Zoom out</button><span id="count"></span></nav><main>
        """;

    private const string Script = """
        </main><script>
        'use strict';
        const svg = document.querySelector('svg'), rows = [...svg.querySelectorAll('.row')], width = svg.width.baseVal.value, height = svg.height.baseVal.value;
        let zoom = 1;
        const scale = by => { zoom = Math.min(16, Math.max(0.25, zoom * by)); svg.setAttribute('width', width * zoom); svg.setAttribute('height', height * zoom); };
        document.getElementById('in').onclick = () => scale(1.5);
        document.getElementById('out').onclick = () => scale(1 / 1.5);
        const find = document.getElementById('find'), count = document.getElementById('count');
        find.oninput = () => {
          const text = find.value.toLowerCase(); let hits = 0;
          for (const row of rows) { const hit = row.dataset.name.toLowerCase().includes(text); row.classList.toggle('off', !hit); if (hit) hits++; }
          count.textContent = text ? hits + ' of ' + rows.length : '';
        };
        </script></body></html>

        """;

    /// <summary>Makes the page.</summary>
    public static string Of(string svg, string title) => $"{Head}\n<title>{SvgPlot.Escape(title)}</title>\n{Body}\n{svg}{Script}";
}
