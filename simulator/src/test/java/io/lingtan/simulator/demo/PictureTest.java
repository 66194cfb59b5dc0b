package io.lingtan.simulator.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.demo.Picture.Dot;
import io.lingtan.simulator.demo.Picture.Panel;
import io.lingtan.simulator.demo.Picture.Span;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class PictureTest {
  private static Picture picture(List<Dot> truth, List<Dot> delivered, List<Span> spans) {
    Panel panel = new Panel("PV <kW> & more", "a note", "#e69f00", truth, delivered);
    return new Picture("Truth", "and more", 0, 100_000, List.of(panel), spans);
  }

  private static Element parsed(Picture picture) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(picture.svg().getBytes(StandardCharsets.UTF_8)))
        .getDocumentElement();
  }

  private static double number(Element element, String name) {
    return Double.parseDouble(element.getAttribute(name));
  }

  private static List<Dot> dots(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Dot(i * 100_000L / count, 50 + i % 7, false))
        .toList();
  }

  @Test
  void itIsWellFormedAndSaysWhatItShows() throws Exception {
    Element svg = parsed(picture(dots(10), dots(10), List.of(new Span("broker away", 10, 20))));
    assertEquals("svg", svg.getTagName());
    String text = svg.getTextContent();
    for (String words : List.of("Truth", "PV <kW> & more", "a note", "broker away", "1:40")) {
      assertTrue(text.contains(words), () -> words + " is not in " + text);
    }
  }

  @Test
  void aDotLiesOnTheCurveWhereItsValueIsTrue() throws Exception {
    List<Dot> truth = List.of(new Dot(0, 20, false), new Dot(50_000, 80, false));
    Element svg = parsed(picture(truth, List.of(new Dot(50_000, 80, true)), List.of()));
    NodeList circles = svg.getElementsByTagName("circle");
    Element dot = (Element) circles.item(circles.getLength() - 1);
    String path = ((Element) svg.getElementsByTagName("path").item(0)).getAttribute("d");
    assertTrue(
        path.endsWith("L" + dot.getAttribute("cx") + " " + dot.getAttribute("cy")),
        () -> path + " does not end at the dot");
    assertEquals("#ffffff", dot.getAttribute("fill"), "a late one is hollow");
  }

  @Test
  void nothingLeavesThePictureAndLongCurvesAreThinned() throws Exception {
    List<Dot> many = dots(80_000);
    List<Span> spans =
        IntStream.range(0, 40)
            .mapToObj(i -> new Span("late replies", i * 2_500L, 1L << 40))
            .toList();
    Element svg = parsed(picture(many, many, spans));
    double width = number(svg, "width");
    NodeList circles = svg.getElementsByTagName("circle");
    assertTrue(circles.getLength() < 1_000, () -> circles.getLength() + " circles");
    for (int i = 0; i < circles.getLength(); i++) {
      double x = number((Element) circles.item(i), "cx");
      assertTrue(x > 0 && x < width, () -> x + " of " + width);
    }
    NodeList rects = svg.getElementsByTagName("rect");
    for (int i = 0; i < rects.getLength(); i++) {
      Element rect = (Element) rects.item(i);
      double right = number(rect, "width") + (rect.hasAttribute("x") ? number(rect, "x") : 0);
      assertTrue(right <= width, () -> right + " of " + width);
    }
  }

  @Test
  void aPictureOfNothingIsRefusedAndEmptyCurvesAreNot() throws Exception {
    assertThrows(
        IllegalArgumentException.class, () -> new Picture("", "", 5, 5, List.of(), List.of()));
    assertFalse(parsed(picture(List.of(), List.of(), List.of())).getTextContent().isEmpty());
  }

  @Test
  void scalesAreRound() {
    assertEquals(1, Picture.roundStep(0.7));
    assertEquals(50, Picture.roundStep(27));
    assertEquals(20, Picture.roundStep(20));
    assertEquals(100, Picture.roundStep(51));
  }
}
